# SPDX-License-Identifier: MIT
"""scikit-learn's metrics, without and with sample_weight, of the rows in tests/unit/test_metrics.c and tests/cases/evaluate/weighted_*.

usage: python scripts/reference/metrics.py     (pip install scikit-learn)

Prints, for each set of rows, "name[class] value baseline": of the answers, and of a constant beside them. What scikit-learn does not have
with weights is computed by its definition: within, p90_error (numpy's "linear", with weights its "inverted_cdf"), max_error (rows with a weight).
"""
import numpy as np
import sklearn
from sklearn import metrics as sk

print(f"scikit-learn {sklearn.__version__}, numpy {np.__version__}")


def show(title, of, answers, constant):
    print(f"\n{title}")
    value, baseline = of(*answers), of(*constant)
    for name in value:
        print(f"{name} {float(value[name])!r} {float(baseline.get(name, np.nan))!r}")


def of_numbers(y, w, tolerances):
    def of(p):
        error, at = np.abs(y - p), y != 0
        weight = np.ones(len(y)) if w is None else w
        found = {
            "mae": sk.mean_absolute_error(y, p, sample_weight=w),
            "rmse": sk.root_mean_squared_error(y, p, sample_weight=w),
            "r2": sk.r2_score(y, p, sample_weight=w),
            "mape": sk.mean_absolute_percentage_error(y[at], p[at], sample_weight=None if w is None else w[at]),
            "median_error": sk.median_absolute_error(y, p, sample_weight=w),
            "p90_error": np.quantile(error, 0.9) if w is None else np.quantile(error, 0.9, weights=w, method="inverted_cdf"),
            "max_error": error[weight > 0].max(),
        }
        for name, within in tolerances.items():
            found[f"within[{name}]"] = np.average(error <= within(np.abs(y)), weights=weight)
        return found

    return of


def of_classes(y, w, labels):
    def of(p, shares):
        found = {"accuracy": sk.accuracy_score(y, p, sample_weight=w)}
        for name, score in ("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score):
            found[name] = score(y, p, sample_weight=w, average="macro", zero_division=0)
            occur = np.unique(np.concatenate([y, p]))
            for label, value in zip(occur, score(y, p, sample_weight=w, labels=occur, average=None, zero_division=0)):
                found[f"{name}[{labels[label]}]"] = value
        if shares is not None:
            found["log_loss"] = sk.log_loss(y, shares, sample_weight=w, labels=range(len(labels)))
            own = [sk.roc_auc_score(y == label, shares[:, label], sample_weight=w) for label in range(len(labels))]
            found["auc"] = own[1] if len(labels) == 2 else np.mean(own)
            for label, value in enumerate(own if len(labels) > 2 else []):
                found[f"auc[{labels[label]}]"] = value
        return found

    return of


# ---- numbers ----
y = np.array([22, 31, 0, 18.5, 44, 27, 35, -4, 19, 25, 60, 12.25])
p = np.array([24, 29.5, 1.5, 18.5, 38, 30, 33, -1, 20, 31, 42, 13])
w = np.array([1, 0.5, 2, 3.25, 0, 1.5, 0.25, 4, 1, 2, 0.75, 1])
tolerances = {"2": lambda y: 2, "10%": lambda y: 0.1 * y}
show("numbers", of_numbers(y, None, tolerances), [p], [np.full(len(y), 25.5)])
show("numbers, weighted", of_numbers(y, w, tolerances), [p], [np.full(len(y), 25.5)])
times = np.array([2, 1, 0, 3, 0, 1, 1, 2, 1, 1, 0, 1])


def drawn(rows):
    return np.repeat(rows, times, axis=0)


show("numbers, drawn", of_numbers(drawn(y), None, tolerances), [drawn(p)], [np.full(times.sum(), 25.5)])
show("numbers, drawn, weighted", of_numbers(drawn(y), drawn(w), tolerances), [drawn(p)], [np.full(times.sum(), 25.5)])

# ---- three classes ----
y = np.array([0, 0, 1, 2, 2, 1, 0, 2, 2, 1, 0, 2])
p = np.array([0, 1, 1, 2, 2, 1, 0, 0, 2, 1, 0, 2])
shares = np.array([.7, .2, .1, .4, .5, .1, .2, .6, .2, .1, .1, .8, .3, .3, .4, .3, .6, .1,
                   .6, .3, .1, .5, .25, .25, .2, .2, .6, .1, .5, .4, .35, .35, .3, .05, .05, .9]).reshape(-1, 3)
show("three classes", of_classes(y, None, "abc"), [p, shares], [np.full(12, 2), np.tile([.25, .25, .5], (12, 1))])
show("three classes, weighted", of_classes(y, w, "abc"), [p, shares], [np.full(12, 2), np.tile([.25, .25, .5], (12, 1))])
for title, weights in ("three classes, drawn", None), ("three classes, drawn, weighted", drawn(w)):
    show(title, of_classes(drawn(y), weights, "abc"), [drawn(p), drawn(shares)],
         [np.full(times.sum(), 2), np.tile([.25, .25, .5], (times.sum(), 1))])

# ---- the last two rows are of classes that training never saw, which get no probability ----
unseen = np.array([0, 0, 1, 2, 2, 1, 0, 2, 2, 1, 3, 4])
none = np.zeros((12, 2))
for title, weights in ("three classes and two unseen", None), ("three classes and two unseen, weighted", w):
    show(title, of_classes(unseen, weights, "abcde"), [p, np.hstack([shares, none])],
         [np.full(12, 2), np.hstack([np.tile([.25, .25, .5], (12, 1)), none])])

# ---- no row is of class b, which is answered ----
absent = np.array([0, 0, 2, 2, 2, 2, 0, 2, 2, 0, 0, 2])
show("three classes, one absent", of_classes(absent, None, "abc"), [p, None], [np.full(12, 2), None])

# ---- two classes ----
y = np.array([0, 1, 1, 0, 1, 0, 0, 1])
yes = np.array([.1, .9, .5, .5, .5, 0, .8, 1])
w = np.array([1, 2, 0.5, 3, 1.25, 0, 0.75, 1])
two = of_classes(y, None, ["no", "yes"])
shares = np.column_stack([1 - yes, yes])
show("two classes", two, [(yes > .5).astype(int), shares], [np.zeros(8, int), np.full((8, 2), .5)])
show("two classes, weighted", of_classes(y, w, ["no", "yes"]), [(yes > .5).astype(int), shares], [np.zeros(8, int), np.full((8, 2), .5)])

# ---- cases/evaluate/weighted_numbers: the baseline is the weighted mean of the truth ----
y, p, w = np.array([20., 30, 0, 50]), np.array([22., 27, 1, 50]), np.array([1, 2.5, 0.5, 4])
show("case weighted_numbers", of_numbers(y, w, tolerances), [p], [np.full(4, np.average(y, weights=w))])

# ---- cases/evaluate/weighted_classes: the baseline is the class of most weight, and the weighted shares ----
y, p = np.array([0, 1, 1, 0, 1, 0]), np.array([0, 0, 1, 0, 1, 1])
said, w = np.array([.9, .6, .8, .55, .95, .7]), np.array([1, 3, 2, 0.5, 1, 1])
dog = np.where(p == 1, said, 1 - said)
prior = np.average(y, weights=w)
show("case weighted_classes", of_classes(y, w, ["cat", "dog"]), [p, np.column_stack([1 - dog, dog])],
     [np.ones(6, int), np.tile([1 - prior, prior], (6, 1))])
