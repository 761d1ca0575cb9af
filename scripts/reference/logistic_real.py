# SPDX-License-Identifier: MIT
"""The objectives of scikit-learn's LogisticRegression on real tables, for tests/cases/pipe/logistic_optimum.

usage: python scripts/reference/logistic_real.py DATA >objectives     (pip install scikit-learn; saga takes minutes)

The tables are those of the case's file `tables`, prepared here from the files. A line: table, parameters of `train`, the least objective that
scikit-learn found. L2 by newton-cholesky and lbfgs, the rest by saga.
"""
import csv
import os
import sys
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
data = sys.argv[1]
top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NO_NUMBER = ("", "NaN", "NA", "nan")


def iris_like():
    s, rows = 0, []
    for i in range(150):
        k, v = i % 3, []
        for _ in range(4):
            s = (s * 7141 + 54773) % 259200
            v.append(s % 24)
        rows.append({"a": 46 + 7 * k + v[0], "b": 22 + v[1], "c": 10 + 20 * k - 3 * (k > 1) + v[2], "d": 2 + 7 * k + v[3] // 3, "kind": "xyz"[k]})
    return rows


def read(file, options):
    with open(f"{data}/{file}", encoding="utf-8", newline="") as f:
        names = options.split("--names ")[1].split()[0].split(",") if "--names" in options else None
        rows = [r for r in csv.DictReader(f, fieldnames=names) if any(r.values())]
    return [{k: v.strip() for k, v in r.items()} for r in rows] if "--trim" in options else rows


def table(file, options, target, numbers, texts):
    rows = read(file, options) if file else iris_like()
    rows = [r for r in rows if all(r[n] not in NO_NUMBER for n in numbers)]
    x = np.array([[float(r[n]) for n in numbers] for r in rows])
    x = (x - x.mean(0)) / x.std(0)
    levels = [np.array([r[t] for r in rows]) for t in texts]
    return np.hstack([x] + [(v[:, None] == np.unique(v[v != ""])).astype(float) for v in levels]), np.array([r[target] for r in rows])


def objective(x, y, C, ratio, weight, **how):
    m = LogisticRegression(C=C, l1_ratio=ratio, class_weight=weight, tol=1e-10, max_iter=200000, **how).fit(x, y)
    w = np.ones(len(y)) if weight is None else sklearn.utils.class_weight.compute_sample_weight(weight, y)
    z = m.decision_function(x)
    if z.ndim == 1:
        loss = np.logaddexp(0, np.where(y == m.classes_[1], -z, z))
    else:
        loss = np.logaddexp.reduce(z, axis=1) - z[np.arange(len(y)), np.searchsorted(m.classes_, y)]
    sum_ = (w * loss).sum()
    return sum_ if np.isinf(C) else C * sum_ + (1 - ratio) / 2 * (m.coef_**2).sum() + ratio * abs(m.coef_).sum()


def least(x, y, words):
    set_ = dict(word.split("=") for word in words.split())
    C, ratio = float(set_.get("C", 1)), float(set_.get("l1_ratio", 0))
    solvers = [{"solver": "saga", "random_state": 1}] if ratio else [{"solver": "newton-cholesky"}, {"solver": "lbfgs"}]
    return min(objective(x, y, C, ratio, set_.get("class_weight"), **how) for how in solvers)


WORDS = {
    "adult": ["C=1", "C=0.01", "class_weight=balanced", "C=0.01 l1_ratio=1"],
    "titanic": ["C=1", "C=inf", "C=0.1 l1_ratio=0.5"],
    "penguins": ["C=1", "C=100", "l1_ratio=1"],
    "wine": ["C=1", "C=100", "C=0.1 l1_ratio=1", "l1_ratio=0.5"],
    "housing": ["C=1", "C=0.1 l1_ratio=0.5"],
    "bike": ["C=1", "class_weight=balanced", "C=0.1 l1_ratio=1"],
    "food": ["C=1", "C=0.01 l1_ratio=1"],
    "taxis": ["C=1", "C=0.1 l1_ratio=1"],
    "yellow": ["C=1", "class_weight=balanced"],
    "beers": ["C=1", "C=10", "C=0.1 l1_ratio=0.5"],
    "delivery": ["C=1", "C=inf"],
    "iris-like": ["C=1", "C=100", "l1_ratio=1"],
}
print(f"# scripts/reference/logistic_real.py: scikit-learn {sklearn.__version__}, numpy {np.__version__}", flush=True)
with open(f"{top}/tests/cases/pipe/logistic_optimum/tables", encoding="utf-8") as f:
    for line in f:
        if line.startswith("#"):
            continue
        name, file, options, target, numbers, texts = line.rstrip("\n").split("|")
        x, y = table(file, options, target, numbers.split(), texts.split())
        for words in WORDS[name]:
            print(name, words, repr(float(least(x, y, words))), sep="\t", flush=True)
