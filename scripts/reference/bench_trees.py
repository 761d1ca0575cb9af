# SPDX-License-Identifier: MIT
"""A peer of scripts/bench: boosts trees over the first N of rows that lie in files of numpy, two threads, and prints the seconds of the fit, bins
included, its loss on the others, and the processor time in which one thread scores 200,000 rows. LEVELS: columns that are levels, such as 1,3; '': none.

usage: bench_trees.py lightgbm|xgboost ROUNDS X.npy Y.npy N LEVELS
"""
import sys
import time

import numpy as np
from sklearn.metrics import log_loss

kind, rounds, x, y, n, levels = sys.argv[1:7]
x, y, n, levels = np.load(x), np.load(y), int(n), [int(j) for j in levels.split(",") if j]
few = np.ascontiguousarray(x[:200000])
begin = time.perf_counter()
if kind == "lightgbm":
    import lightgbm
    words = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "lambda_l2": 1, "max_bin": 255, "num_threads": 2, "verbose": -1}
    begin = time.perf_counter()
    model = lightgbm.train(words, lightgbm.Dataset(x[:n], y[:n], params=words, categorical_feature=levels), int(rounds))
    fit = time.perf_counter() - begin
    found = model.predict(x[n:])
    begin = time.process_time()
    model.predict(few, num_threads=1)
else:
    import xgboost
    words = {"objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 63, "max_depth": 0, "eta": 0.1,
             "lambda": 1, "max_bin": 255, "nthread": 2}
    types = {"feature_types": ["c" if j in levels else "q" for j in range(x.shape[1])], "enable_categorical": True}
    begin = time.perf_counter()
    model = xgboost.train(words, xgboost.QuantileDMatrix(x[:n], y[:n], max_bin=255, nthread=2, **types), int(rounds))
    fit = time.perf_counter() - begin
    found = model.inplace_predict(x[n:])
    model.set_param({"nthread": 1})
    begin = time.process_time()
    model.inplace_predict(few)
print(fit, log_loss(y[n:], found), time.process_time() - begin)
