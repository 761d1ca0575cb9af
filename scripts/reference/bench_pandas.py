# SPDX-License-Identifier: MIT
"""What scripts/bench measures against: the same pipe in one Python process with pandas and scikit-learn.

usage: python scripts/reference/bench_pandas.py deliveries.csv     (pip install scikit-learn pandas)
"""
import sys

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

table = pd.read_csv(sys.argv[1], parse_dates=["ordered_at"]).drop(columns=["order_id", "address"])
table["test"] = np.random.default_rng(42).random(len(table)) < 0.2                     # split
table = table[table.km.isna() | ((table.km > 0) & (table.km < 60))]                    # expect … else drop
table.loc[table.rating > 5, "rating"] = np.nan                                         # expect … else null
train = ~table.test
for name in ("km", "rating"):                                                          # impute
    table[name] = table[name].fillna(table.loc[train, name].median())
table["km_per_item"] = table.km / table["items"]                                       # derive
table["hour"] = table.ordered_at.dt.hour                                               # date
table["weekday"] = table.ordered_at.dt.day_of_week
table = pd.get_dummies(table.drop(columns="ordered_at"), columns=["city", "vehicle", "weather"], dummy_na=False)  # onehot
numbers = ["km", "items", "rating", "km_per_item", "hour", "weekday"]                  # scale
scaler = StandardScaler().fit(table.loc[train, numbers])
table[numbers] = scaler.transform(table[numbers])

x, y = table.drop(columns=["minutes", "test"]).to_numpy(float), table.minutes.to_numpy()
train = train.to_numpy()
model = LinearRegression().fit(x[train], y[train])
predicted, truth = model.predict(x[~train]), y[~train]
print("rows", len(truth), "mae", mean_absolute_error(truth, predicted), "rmse", root_mean_squared_error(truth, predicted), "r2", r2_score(truth, predicted))
