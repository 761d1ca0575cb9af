# SPDX-License-Identifier: MIT
"""A peer of scripts/bench: FLAML's automatic search over the rows of TRAIN.csv for so many seconds on two threads, judged on TEST.csv. Text is of
levels, and what reads as times are times, as pandas users would have it. Prints the scores (rmse; log_loss, accuracy), the family that won, and how often
a better configuration was found.

usage: bench_flaml.py TARGET TRAIN.csv TEST.csv SECONDS SEED
"""
import sys
import warnings

import numpy as np
import pandas as pd
from flaml import AutoML
from sklearn.metrics import accuracy_score, log_loss, root_mean_squared_error

warnings.filterwarnings("ignore")
target, train, test, seconds, seed = sys.argv[1:6]
train, test = pd.read_csv(train), pd.read_csv(test)
for name in train.columns.drop(target):
    if pd.api.types.is_numeric_dtype(train[name]):
        continue
    times = pd.to_datetime(train[name], errors="coerce", format="ISO8601")
    if times.notna().sum() == train[name].notna().sum() > 0:
        train[name], test[name] = times, pd.to_datetime(test[name], errors="coerce", format="ISO8601")
    else:
        levels = pd.CategoricalDtype(sorted(train[name].dropna().unique()))
        train[name], test[name] = train[name].astype(levels), test[name].astype(levels)
classes = not pd.api.types.is_float_dtype(train[target]) and train[target].nunique() < 20
search = AutoML()
search.fit(train.drop(columns=target), train[target], task="classification" if classes else "regression", metric="log_loss" if classes else "rmse",
           time_budget=float(seconds), n_jobs=2, seed=int(seed), verbose=0)
x, y = test.drop(columns=target), test[target]
if classes:
    scores = log_loss(y, search.predict_proba(x), labels=search.classes_), accuracy_score(y, search.predict(x))
else:
    scores = (root_mean_squared_error(y, np.asarray(search.predict(x), float)),)
print(*scores, search.best_estimator, len(search.config_history))
