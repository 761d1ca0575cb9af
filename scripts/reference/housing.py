# SPDX-License-Identifier: MIT
"""scikit-learn's answers on California housing, for tests/cases/pipe/sklearn_linear.

usage: python scripts/reference/housing.py DATA FOLDER     (pip install scikit-learn pandas)

Preparation: rows of the split held out; total_bedrooms by the median of the training rows; the eight numbers standardised
(n); ocean_proximity one-hot, all five levels kept: so the columns are collinear with the intercept. Writes the coefficients
and the predictions of the first 100 held-out rows, by LinearRegression and by Ridge(alpha=10).
"""
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import OneHotEncoder, StandardScaler

data, folder = sys.argv[1:]
table = pd.read_csv(f"{data}/california_housing/housing.csv")
held_out = np.loadtxt(f"{data}/splits/california_test20_seed42.txt", dtype=int)
test = np.zeros(len(table), bool)
test[held_out] = True

numbers = [name for name in table.columns if name not in ("median_house_value", "ocean_proximity")]
imputer = SimpleImputer(strategy="median").fit(table.loc[~test, numbers])
scaler = StandardScaler().fit(imputer.transform(table.loc[~test, numbers]))
onehot = OneHotEncoder(sparse_output=False).fit(table.loc[~test, ["ocean_proximity"]])
x = np.hstack([scaler.transform(imputer.transform(table[numbers])), onehot.transform(table[["ocean_proximity"]])])
y = table["median_house_value"].to_numpy()
names = numbers + [f"ocean_proximity={level}" for level in onehot.categories_[0]]

made_by = f"# scripts/reference/housing.py: scikit-learn {sklearn.__version__}, numpy {np.__version__}\n"
for name, model in (("linear", LinearRegression()), ("ridge", Ridge(alpha=10, solver="cholesky"))):
    model.fit(x[~test], y[~test])
    with open(f"{folder}/{name}.coefficients", "w") as out:
        out.write(made_by)
        for feature, value in zip(["intercept"] + names, [model.intercept_, *model.coef_]):
            out.write(f"{feature}\t{float(value)!r}\n")
    with open(f"{folder}/{name}.predictions", "w") as out:
        out.write(made_by)
        for value in model.predict(x[test])[:100]:
            out.write(f"{float(value)!r}\n")
    print(name, "R2 of the held-out rows", model.score(x[test], y[test]))
