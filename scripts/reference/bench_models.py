# SPDX-License-Identifier: MIT
"""A peer of scripts/bench-models: fits one model of scikit-learn on rows that lie in a file of numpy, and prints the seconds of the fit
and its coefficients, intercept last, to a file of numpy.

usage: bench_models.py KIND TOL X.npy Y.npy OUT.npy    KIND: lbfgs, newton-cholesky, liblinear, linear
"""
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
kind, tol, x, y, out = sys.argv[1:6]
x, y = np.load(x), np.load(y)
if kind == "linear":
    from sklearn.linear_model import LinearRegression
    model = LinearRegression()
else:
    from sklearn.linear_model import LogisticRegression
    model = LogisticRegression(solver=kind, tol=float(tol), max_iter=10000, **({"intercept_scaling": 1000} if kind == "liblinear" else {}))
begin = time.perf_counter()
model.fit(x, y)
print(time.perf_counter() - begin)
np.save(out, np.append(np.ravel(model.coef_), np.ravel(model.intercept_)))
