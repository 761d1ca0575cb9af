# SPDX-License-Identifier: MIT
"""Decisions of scikit-learn's SVC, NuSVC, SVR and NuSVR on real tables, for tests/cases/pipe/svm_optimum.

usage: python scripts/reference/svm.py DATA >decisions     (pip install scikit-learn; takes a minute)

The tables are those of tests/cases/pipe/logistic_optimum/tables, the first 2,000 rows, prepared here from the files. A line: table, target
(- : the table's classes), parameters of `train`, the dual objective summed over the pairs of classes, then decisions of all pairs, LIBSVM's
sign, for eight rows from the first to the last.
"""
import csv
import os
import sys
import warnings

import numpy as np
import sklearn
from sklearn.svm import SVC, SVR, NuSVC, NuSVR

warnings.filterwarnings("ignore")
data = sys.argv[1]
top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NO_NUMBER = ("", "NaN", "NA", "nan")
ROWS, SHOWN = 2000, 8


def read(file, options):
    with open(f"{data}/{file}", encoding="utf-8", newline="") as f:
        names = options.split("--names ")[1].split()[0].split(",") if "--names" in options else None
        rows = [r for r in csv.DictReader(f, fieldnames=names) if any(r.values())][:ROWS]
    return [{k: v.strip() for k, v in r.items()} for r in rows] if "--trim" in options else rows


def table(file, options, numbers, texts):
    rows = [r for r in read(file, options) if all(r[n] not in NO_NUMBER for n in numbers)]
    x = np.array([[float(r[n]) for n in numbers] for r in rows])
    x = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)
    levels = [np.array([r[t] for r in rows]) for t in texts]
    return rows, x, np.hstack([np.zeros((len(rows), 0))] + [(v[:, None] == np.unique(v[v != ""])).astype(float) for v in levels])


def kernel(m, a, b):
    return m._gamma, {"linear": lambda p: p, "poly": lambda p: (m._gamma * p + m.coef0) ** m.degree, "sigmoid": lambda p: np.tanh(m._gamma * p + m.coef0),
                      "rbf": lambda p: np.exp(-m._gamma * np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * p, 0))}[m.kernel](a @ b.T)


def set_of(words):
    values = dict(word.split("=") for word in words.split())
    return {k: v if k == "kernel" or v == "auto" else int(v) if k == "degree" else float(v) for k, v in values.items()}


def classes(x, y, words):
    how = set_of(words)
    m = (NuSVC if "nu" in how else SVC)(tol=1e-5, decision_function_shape="ovo", **how).fit(x, y)
    k, objective = len(m.classes_), 0
    _, gram = kernel(m, m.support_vectors_, m.support_vectors_)
    starts = np.append(0, np.cumsum(m.n_support_))
    for i in range(k):
        for j in range(i + 1, k):
            a = np.zeros(starts[-1])
            a[starts[i]:starts[i + 1]] = m.dual_coef_[j - 1, starts[i]:starts[i + 1]]
            a[starts[j]:starts[j + 1]] = m.dual_coef_[i, starts[j]:starts[j + 1]]
            objective += a @ gram @ a / 2 - (0 if "nu" in how else abs(a).sum())
    values = m.decision_function(x)
    return objective, values if k > 2 else -values[:, None]


def numbers(x, y, words):
    how = set_of(words)
    m = (NuSVR if "nu" in how else SVR)(tol=1e-5, **how).fit(x, y)
    a = m.dual_coef_[0]
    _, gram = kernel(m, m.support_vectors_, m.support_vectors_)
    return a @ gram @ a / 2 - a @ y[m.support_] + (0 if "nu" in how else m.epsilon * abs(a).sum()), m.predict(x)[:, None]


CLASSES = ["kernel=rbf", "kernel=linear C=0.01", "kernel=poly degree=2 coef0=1 gamma=auto"]
NUMBERS = ["kernel=rbf C=1 epsilon=0.1", "kernel=linear C=0.1 epsilon=0.2"]
MORE = {"penguins": ["nu=0.2", "kernel=sigmoid gamma=0.05 C=10"], "wine": ["nu=0.3 kernel=linear", "kernel=rbf C=1000"], "delivery": ["nu=0.4"]}
MORE_NUMBERS = {"beers": ["nu=0.3 C=2"], "delivery": ["nu=0.5 kernel=linear"], "penguins": ["kernel=poly C=0.1"]}
print(f"# scripts/reference/svm.py: scikit-learn {sklearn.__version__}, numpy {np.__version__}", flush=True)
with open(f"{top}/tests/cases/pipe/logistic_optimum/tables", encoding="utf-8") as f:
    for line in f:
        name, file, options, target, columns, texts = line.rstrip("\n").split("|")
        if line.startswith("#") or not file:
            continue
        rows, x, levels = table(file, options, columns.split(), texts.split())
        shown = [i * (len(rows) - 1) // (SHOWN - 1) for i in range(SHOWN)]
        y = np.array([r[target] for r in rows])
        for words in (CLASSES + MORE.get(name, [])) if len(np.unique(y)) > 1 else []:
            objective, values = classes(np.hstack([x, levels]), y, words)
            print(name, "-", words, repr(float(objective)), *(repr(float(v)) for v in values[shown].ravel()), sep="\t", flush=True)
        for words in NUMBERS + MORE_NUMBERS.get(name, []):
            objective, values = numbers(np.hstack([x[:, :-1], levels]), x[:, -1], words)
            print(name, columns.split()[-1], words, repr(float(objective)), *(repr(float(v)) for v in values[shown].ravel()), sep="\t", flush=True)
