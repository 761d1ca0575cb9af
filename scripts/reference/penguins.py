# SPDX-License-Identifier: MIT
"""scikit-learn's preprocessing of the penguins, for tests/cases/pipe/sklearn_steps.

usage: python scripts/reference/penguins.py DATA FOLDER     (pip install scikit-learn pandas)

Every tenth row is held out: the fits see the others. Writes one file a step kind, every eighth row of the whole table from the first with missing values.
"""
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler

data, folder = sys.argv[1:]
table = pd.read_csv(f"{data}/penguins/penguins.csv", na_values="NA")
train = np.arange(len(table)) % 10 != 0
numbers = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
made_by = f"# scripts/reference/penguins.py: scikit-learn {sklearn.__version__}, numpy {np.__version__}\n"


def write(name, columns, values):
    with open(f"{folder}/{name}.tsv", "w") as out:
        out.write(made_by)
        out.write("\t".join(columns) + "\n")
        for row in values[3::8]:
            out.write("\t".join(v if isinstance(v, str) else repr(float(v)) for v in row) + "\n")


def fitted(kind, columns):
    return kind.fit(table.loc[train, columns]).transform(table[columns])


for strategy in ("mean", "median"):
    write(f"impute_{strategy}", numbers, fitted(SimpleImputer(strategy=strategy), numbers))
write("impute_mode", ["sex"], fitted(SimpleImputer(strategy="most_frequent"), ["sex"]))
write("impute_indicator", [f"{n}_missing" for n in numbers], table[numbers].isna().to_numpy())
table[numbers] = fitted(SimpleImputer(strategy="mean"), numbers)
for name, kind in (("standard", StandardScaler()), ("minmax", MinMaxScaler()), ("robust", RobustScaler()), ("maxabs", MaxAbsScaler())):
    write(f"scale_{name}", numbers, fitted(kind, numbers))
onehot = OneHotEncoder(sparse_output=False).fit(table.loc[train, ["species", "island"]])
write("onehot", [f"{n}={level}" for n, levels in zip(("species", "island"), onehot.categories_) for level in levels],
      onehot.transform(table[["species", "island"]]))
