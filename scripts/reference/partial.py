# SPDX-License-Identifier: MIT
"""Partial dependence by brute force, for tests/cases/describe/partial.

usage: python scripts/reference/partial.py     (pip install scikit-learn)

The rows are those of the case. Prints column,value,class,answer as the case does.
"""
import numpy as np
import sklearn
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

print(f"scikit-learn {sklearn.__version__}, numpy {np.__version__}")
i = np.arange(400)
a, b = i * 7 % 10, i * 5 % 201
s = a * 3 + b / 10 + i * 13 % 17
X, kind = np.stack([a, b], 1).astype(float), np.where(s > 35, "big", np.where(s > 22, "middle", "small"))
model = make_pipeline(StandardScaler(), LogisticRegression(C=1, tol=1e-12, max_iter=10000)).fit(X, kind)
order = np.sort(b)
grids = {"a": np.unique(a), "b": order[[(k * 399 + 10) // 20 for k in range(1, 20)]]}
for col, (name, grid) in enumerate(grids.items()):
    means = partial_dependence(model, X, [col], method="brute", response_method="predict_proba", custom_values={col: grid.astype(float)})["average"]
    for at, value in enumerate(grid):
        if name == "a" or at in (0, 9, 18):
            print(*(f"{name},{value},{cls},{means[k][at]:.5f}" for k, cls in enumerate(model.classes_)), sep="\n")
