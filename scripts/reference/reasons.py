# SPDX-License-Identifier: MIT
"""Reasons of linear, logistic and bayes models, and weighted medians, for tests/unit/test_reasons.c and test_baseline.c.

usage: python scripts/reference/reasons.py     (pip install scikit-learn)

The rows are those of the tests. A feature's reason is coefficient * (x - mean), the means weighted as the fit was; what stands
without the features is the prediction for the means. Prints them for rows 0, 1 and 2499, as C writes them.
"""
import numpy as np
import sklearn
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB

print(f"scikit-learn {sklearn.__version__}, numpy {np.__version__}")
i = np.arange(2500)
X = np.stack([(i * 7 % 23) / 8, 2019 + (i * 11 % 41) / 16, (i * 13 % 31) - 5.0, (i % 3 == 0) * 1.0, (i % 3 == 1) * 1.0], 1)
y = 3 + 2 * X[:, 0] - 0.5 * X[:, 1] + X[:, 2] + X[:, 4] * 2.5 + ((i * 29 % 101) - 50) / 16
w = (i % 5 + 1) / 2


def show(name, model, weights):
    means = np.average(X, axis=0, weights=weights)
    print(name)
    for row in (0, 1, 2499):
        values = [*(model.coef_ * (X[row] - means)), model.predict([means])[0]]
        assert np.isclose(sum(values), model.predict(X[[row]])[0], rtol=1e-12)
        print("\t{ " + ", ".join(repr(float(value)) for value in values) + " },")


show("plain", LinearRegression().fit(X, y), None)
show("weighted", LinearRegression().fit(X, y, w), w)
show("ridge, weighted", Ridge(alpha=10, solver="cholesky").fit(X, y, w), w)

print("medians of y: all rows, the first 2499, weighted; means of y: all rows, weighted")
print(*map(repr, map(float, (np.median(y), np.median(y[:2499]), np.quantile(y, 0.5, weights=w, method="inverted_cdf"), np.mean(y),
                             np.average(y, weights=w)))), sep=", ")

print("logistic, two classes (y > -990) and three (i % 7 % 3): coefficient * (x - mean), then what stands; of the last class, rows 0, 1, 2499")
for labels in ((y > -990) * 1, i % 7 % 3):
    means = X.mean(0)
    model = LogisticRegression(C=1, tol=1e-14, max_iter=100000, solver="newton-cholesky").fit(X, labels)
    coef, intercept = model.coef_[-1], model.intercept_[-1] - (model.intercept_.mean() if len(model.intercept_) > 1 else 0)
    for row in (0, 1, 2499):
        print("\t{ " + ", ".join(repr(float(value)) for value in [*(coef * (X[row] - means)), intercept + coef @ means]) + " },")
print("bayes, gaussian, three classes: the same of the last class")
model = GaussianNB().fit(X, i % 7 % 3)
for row in (0, 1, 2499):
    logs = -0.5 * np.log(2 * np.pi * model.var_[2]) - 0.5 * (X[row] - model.theta_[2]) ** 2 / model.var_[2]
    assert np.isclose(sum(logs) + np.log(model.class_prior_[2]), model.predict_joint_log_proba(X[[row]])[0, 2])
    print("\t{ " + ", ".join(repr(float(value)) for value in [*logs, np.log(model.class_prior_[2])]) + " },")
