"""Answers of scikit-learn 1.9.1 (numpy 2.4) on the test rows of wine and the last rows of penguins: python reference.py DATA >expected"""
import csv
import sys

import numpy as np
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

rows = list(csv.DictReader(open(sys.argv[1] + "/uci_wine/wine_split.csv")))
names = [name for name in rows[0] if name not in ("class", "split")]
x = np.array([[float(row[name]) for name in names] for row in rows])
y = np.array([row["class"] for row in rows])
train = np.array([row["split"] == "train" for row in rows])
test = np.array([row["split"] == "test" for row in rows])


def show(name, answers):
    for row in np.asarray(answers).reshape(len(answers), -1):
        print(name, *("%.12g" % value for value in row))


for name, model in (
    ("knn", KNeighborsClassifier()),
    ("knn weights=distance metric=manhattan n_neighbors=7", KNeighborsClassifier(7, weights="distance", metric="manhattan")),
    ("knn metric=cosine weights=distance", KNeighborsClassifier(metric="cosine", weights="distance")),
    ("bayes kind=gaussian", GaussianNB()),
    ("bayes kind=multinomial alpha=0.5", MultinomialNB(alpha=0.5)),
    ("bayes kind=bernoulli binarize=2 fit_prior=false", BernoulliNB(binarize=2, fit_prior=False)),
):
    show(name, model.fit(x[train], y[train]).predict_proba(x[test]))

rows = [row for row in csv.DictReader(open(sys.argv[1] + "/penguins/penguins.csv")) if row["bill_length_mm"] not in ("", "NA")]
x = np.array([[float(row[name]) for name in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm")] for row in rows])
y = np.array([float(row["body_mass_g"]) for row in rows])
show("penguins", KNeighborsRegressor(weights="distance").fit(x[:-40], y[:-40]).predict(x[-40:]))
