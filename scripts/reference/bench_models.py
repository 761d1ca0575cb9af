# SPDX-License-Identifier: MIT
"""A peer of scripts/bench: fits one model of scikit-learn on rows that lie in files of numpy, on one thread, and prints the processor time of
the fit. What it found lies in a file of numpy behind it: coefficients, intercepts last; centres; answers.

usage: bench_models.py KIND WORDS X.npy Y.npy OUT.npy

KIND: lbfgs, newton-cholesky, liblinear, lasso (WORDS: the tolerance); linear, normal (how often the rows come); kmeans (passes at most; Y: the
centres to start from); knn (neighbours; the time is that of the fit and the answers for all rows); svc, svr (the kernel; OUT: support vectors and
iterations).
"""
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
kind, words, x, y, out = sys.argv[1:6]
x, y = np.load(x), np.load(y)
if kind in ("linear", "normal"):
    x, y = np.tile(x, (int(words), 1)), np.tile(y, int(words))


class Normal:
    """Least squares by the normal equations."""

    def fit(self, x, y):
        mean, middle = x.mean(0), y.mean()
        x = x - mean
        self.coef_ = np.linalg.solve(x.T @ x, x.T @ (y - middle))
        self.intercept_ = middle - mean @ self.coef_


if kind == "linear":
    from sklearn.linear_model import LinearRegression
    model = LinearRegression()
elif kind == "normal":
    model = Normal()
elif kind == "lasso":
    from sklearn.linear_model import Lasso
    model = Lasso(alpha=0.01, tol=float(words), max_iter=100000)
elif kind == "kmeans":
    from sklearn.cluster import KMeans
    y = y.reshape(-1, x.shape[1])
    model = KMeans(len(y), init=y, n_init=1, max_iter=int(words), tol=0, algorithm="lloyd")
elif kind == "knn":
    from sklearn.neighbors import KNeighborsRegressor
    model = KNeighborsRegressor(int(words), n_jobs=1)
elif kind in ("svc", "svr"):
    from sklearn.svm import SVC, SVR
    model = (SVC if kind == "svc" else SVR)(kernel=words, cache_size=2000)
else:
    from sklearn.linear_model import LogisticRegression
    model = LogisticRegression(solver=kind, tol=float(words), max_iter=10000, **({"intercept_scaling": 1000} if kind == "liblinear" else {}))
begin = time.process_time()
model.fit(x, y)
found = model.predict(x) if kind == "knn" else None
print(time.process_time() - begin)
if kind == "kmeans":
    found = np.ravel(model.cluster_centers_)
elif kind in ("svc", "svr"):
    found = np.array([model.support_.size, np.sum(model.n_iter_)])
elif kind != "knn":
    found = np.append(np.ravel(model.coef_), np.ravel(model.intercept_))
np.save(out, found)
