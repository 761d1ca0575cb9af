# SPDX-License-Identifier: MIT
"""A peer of scripts/bench: boosts trees over the first four fifths of rows that lie in files of numpy, two threads, and prints the seconds of
the fit, bins included, its loss on the other fifth, and the processor time in which one thread scores 200,000 rows.

usage: bench_trees.py lightgbm|xgboost ROUNDS X.npy Y.npy
"""
import sys
import time

import numpy as np
from sklearn.metrics import log_loss

kind, rounds, x, y = sys.argv[1:5]
x, y = np.load(x), np.load(y)
n = len(x) * 4 // 5
few = np.ascontiguousarray(x[:200000])
begin = time.perf_counter()
if kind == "lightgbm":
    import lightgbm
    words = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "lambda_l2": 1, "max_bin": 255, "num_threads": 2, "verbose": -1}
    begin = time.perf_counter()
    model = lightgbm.train(words, lightgbm.Dataset(x[:n], y[:n], params=words), int(rounds))
    fit = time.perf_counter() - begin
    found = model.predict(x[n:])
    begin = time.process_time()
    model.predict(few, num_threads=1)
else:
    import xgboost
    words = {"objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 63, "max_depth": 0, "eta": 0.1,
             "lambda": 1, "max_bin": 255, "nthread": 2}
    begin = time.perf_counter()
    model = xgboost.train(words, xgboost.QuantileDMatrix(x[:n], y[:n], max_bin=255, nthread=2), int(rounds))
    fit = time.perf_counter() - begin
    found = model.inplace_predict(x[n:])
    model.set_param({"nthread": 1})
    begin = time.process_time()
    model.inplace_predict(few)
print(fit, log_loss(y[n:], found), time.process_time() - begin)
