# SPDX-License-Identifier: MIT
"""The workshop's experiment with scikit-learn, for tests/cases/tune/grid, scripts/examples/wine and README: 1,176 support vector machines on
the published split of the UCI wines, the best by accuracy on the validation rows, once with a scaler fitted on all rows, as the
workshop has it, once fitted on the training rows alone.

usage: python scripts/reference/wine.py wine_split.csv [all]     (pip install scikit-learn)

all: each configuration with the scaler of the training rows, and how many of the 44 validation rows it has right, as the case has them.
"""
import csv
import sys
import warnings

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, precision_score, recall_score
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

warnings.simplefilter("ignore")         # max_iter ends most of them before their optimum
rows = list(csv.DictReader(open(sys.argv[1])))
names = [name for name in rows[0] if name not in ("class", "split")]
x = np.array([[float(row[name]) for name in names] for row in rows])
y = np.array([row["class"] for row in rows])
part = np.array([row["split"] for row in rows])
print("scikit-learn", sklearn.__version__)
for which in "all", "train":
    z = StandardScaler().fit(x if which == "all" else x[part == "train"]).transform(x)
    tried = []
    for c in 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1:
        for kernel in "linear", "poly", "rbf", "sigmoid":
            for degree in 2, 3, 4, 5, 10, 15, 20:
                for max_iter in 10, 20, 30, 40, 50, 100:
                    model = SVC(C=c, kernel=kernel, degree=degree, max_iter=max_iter).fit(z[part == "train"], y[part == "train"])
                    tried.append((model.score(z[part == "valid"], y[part == "valid"]), c, kernel, degree, max_iter, model))
    if which == "train" and sys.argv[2:] == ["all"]:
        for score, c, kernel, degree, max_iter, _ in tried:
            if kernel == "poly" or degree == 2:
                print(c, kernel, degree if kernel == "poly" else "-", max_iter, round(score * 44))
    best = max(score for score, *_ in tried)
    first = next(t for t in tried if t[0] == best)
    answers = first[-1].predict(z[part == "test"])
    truth = y[part == "test"]
    print(f"scaler fitted on {which} rows: {len(tried)} tried, validation {best:.4f} of {sum(t[0] == best for t in tried)} of them, the first",
          f"C={first[1]} kernel={first[2]} degree={first[3]} max_iter={first[4]}: test accuracy {accuracy_score(truth, answers):.4f}",
          f"({(truth == answers).sum()} of {len(truth)}), precision {precision_score(truth, answers, average='macro'):.4f},",
          f"recall {recall_score(truth, answers, average='macro'):.4f}")
    tests = [(t[-1].predict(z[part == "test"]) == truth).sum() for t in tried if t[0] == best]
    print("  test rows right of those that tie:", min(tests), "to", max(tests))
