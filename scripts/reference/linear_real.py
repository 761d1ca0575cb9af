# SPDX-License-Identifier: MIT
"""The objectives of scikit-learn's linear models on California housing and bike sharing, for tests/cases/pipe/linear_optimum.

usage: python scripts/reference/linear_real.py DATA >objectives     (pip install scikit-learn pandas; QuantileRegressor takes minutes)

Housing is prepared as in housing.py, but for that nothing is held out; of the bikes' hours twelve columns are numbers as they stand. A line: table,
parameters of `train`, the objective at the minimum that scikit-learn found (of HuberRegressor per row).
"""
import sys
import warnings

import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import ElasticNet, GammaRegressor, HuberRegressor, PoissonRegressor, QuantileRegressor, TweedieRegressor
from sklearn.metrics import mean_tweedie_deviance

warnings.filterwarnings("ignore")
data = sys.argv[1]


def housing():
    table = pd.read_csv(f"{data}/california_housing/housing.csv")
    y = table.pop("median_house_value").to_numpy()
    place = pd.get_dummies(table.pop("ocean_proximity")).to_numpy(float)
    x = table.fillna(table.median()).to_numpy(float)
    return np.hstack([(x - x.mean(0)) / x.std(0), place]), y


def bike():
    table = pd.read_csv(f"{data}/bike_sharing/hour.csv", skipinitialspace=True)
    columns = "season yr mnth hr holiday weekday workingday weathersit temp atemp hum windspeed".split()
    return table[columns].to_numpy(float), table["cnt"].to_numpy(float)


def nets(x, y, alpha, ratio):
    m = ElasticNet(alpha=alpha, l1_ratio=ratio, tol=1e-10, max_iter=10**6).fit(x, y)
    b = m.coef_
    return ((y - m.predict(x)) ** 2).mean() / 2 + alpha * (ratio * abs(b).sum() + (1 - ratio) * (b @ b) / 2)


def means(x, y, power):
    how = {"alpha": 0.001, "tol": 1e-10, "max_iter": 1000, "solver": "newton-cholesky"}
    m = {1: PoissonRegressor(**how), 2: GammaRegressor(**how)}.get(power) or TweedieRegressor(power=power, link="log", **how)
    m.fit(x, y)
    return mean_tweedie_deviance(y, m.predict(x), power=power) / 2 + 0.0005 * (m.coef_ @ m.coef_)


def huber(x, y, epsilon):
    m = HuberRegressor(epsilon=epsilon, alpha=1, tol=1e-10, max_iter=10**6).fit(x, y)
    s, r = m.scale_, abs(y - m.predict(x))
    return ((s + np.where(r <= epsilon * s, r * r / s, 2 * epsilon * r - epsilon**2 * s)).sum() + m.coef_ @ m.coef_) / len(y)


def quantile(x, y, q, alpha):
    m = QuantileRegressor(quantile=q, alpha=alpha, solver="highs").fit(x, y)
    r = y - m.predict(x)
    return (r * (q - (r < 0))).mean() + alpha * abs(m.coef_).sum()


print(f"# scripts/reference/linear_real.py: scikit-learn {sklearn.__version__}, numpy {np.__version__}")
for name, (x, y), size in (("housing", housing(), 1000), ("bike", bike(), 1)):
    for words, value in (
        (f"alpha={size} l1_ratio=1", nets(x, y, size, 1)),
        (f"alpha={size / 10:g} l1_ratio=0.5", nets(x, y, size / 10, 0.5)),
        ("loss=poisson alpha=0.001", means(x, y, 1)),
        ("loss=gamma alpha=0.001", means(x, y, 2)),
        ("loss=tweedie power=1.5 alpha=0.001", means(x, y, 1.5)),
        ("loss=huber epsilon=1.35 alpha=1", huber(x, y, 1.35)),
        ("loss=quantile quantile=0.5", quantile(x, y, 0.5, 0)),
        (f"loss=quantile quantile=0.9 alpha={size / 10:g}", quantile(x, y, 0.9, size / 10)),
    ):
        print(name, words, float(value), sep="\t", flush=True)
