"""Values for tests/unit/test_linear_losses.c.

usage: python scripts/reference/linear_losses.py     (pip install scikit-learn statsmodels)
"""
import warnings

import numpy as np
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.linear_model import (ElasticNet, GammaRegressor, HuberRegressor, PoissonRegressor, QuantileRegressor,
                                  TweedieRegressor)

warnings.filterwarnings("ignore")
i = np.arange(600)
X = np.stack([(i * 7 % 23) / 8, (i * 11 % 41) / 16, i * 13 % 31 - 5.0, (i % 3 == 0) * 1.0, (i * i % 17) / 4], 1)
y = 3 + 2 * X[:, 0] - 0.5 * X[:, 1] + 0.1 * X[:, 2] + 2.5 * X[:, 3] + np.sin(i * 1.0) * 2
counts = (i * i * 7 + i * 3) % 11 * (1 + X[:, 3])
wild = y + 40 * (i % 19 == 0)
w = (i % 5 + 1) / 2
exact = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 1000}


def huber(target, weight, **how):
    """By the profile of the scale: HuberRegressor's own L-BFGS ends some 1e-5 short of its minimum."""
    from scipy.optimize import brentq
    eps, alpha = how["epsilon"], how["alpha"]
    A = np.column_stack([X, np.ones(len(X))])
    penalty = np.diag([alpha] * X.shape[1] + [0.0])

    def fit(s):
        at = np.linalg.lstsq(A, target, rcond=None)[0]
        for _ in range(500):        # exact for the set of rows within, which settles
            r = target - A @ at
            inside = abs(r) <= eps * s
            grad = A.T @ (weight * np.where(inside, 2 * r / s, 2 * eps * np.sign(r))) - 2 * penalty @ at
            new = at + np.linalg.solve(2 * (A.T * (weight * inside)) @ A / s + 2 * penalty, grad)
            if np.abs(new - at).max() < 1e-14 * np.abs(at).max():
                break
            at = new
        return at

    def slope(s):
        r = target - A @ fit(s)
        return (weight * (1 - np.minimum((r / s) ** 2, eps ** 2))).sum()

    s = brentq(slope, 0.3, 30, xtol=1e-15, rtol=1e-14)
    at = fit(s)
    # no worse than scikit-learn by its own objective
    value = lambda b, c, s: (weight * (s + s * np.where(abs(target - X @ b - c) < eps * s, ((target - X @ b - c) / s) ** 2,
                                                        2 * eps * abs(target - X @ b - c) / s - eps ** 2))).sum() + alpha * b @ b
    m = HuberRegressor(max_iter=100000, tol=1e-9, **how).fit(X, target, sample_weight=weight)
    assert 0 <= value(m.coef_, m.intercept_, m.scale_) / value(at[:-1], at[-1], s) - 1 < 1e-5
    return [at[-1], *at[:-1]]


def line(name, values):
    print(f"{name}: {{ " + ", ".join(repr(float(v)) for v in values) + " }")


print("scikit-learn", sklearn.__version__, "statsmodels", statsmodels.__version__, "numpy", np.__version__)
for weight in (None, w):
    print("weights" if weight is not None else "no weights")
    all_weights = np.ones(600) if weight is None else weight

    def fit(name, model, target):
        model.fit(X, target, sample_weight=weight)
        line(name, [model.intercept_, *model.coef_])

    fit("lasso 0.1", ElasticNet(alpha=0.1, l1_ratio=1, tol=1e-15, max_iter=10**6), y)
    fit("net 0.2 0.5", ElasticNet(alpha=0.2, l1_ratio=0.5, tol=1e-15, max_iter=10**6), y)
    fit("poisson 0", PoissonRegressor(alpha=0, **exact), counts)
    fit("gamma 0.1", GammaRegressor(alpha=0.1, **exact), counts + 0.5)
    fit("tweedie 1.5 0.01", TweedieRegressor(power=1.5, link="log", alpha=0.01, **exact), counts)
    fit("tweedie 3 0.01", TweedieRegressor(power=3, link="log", alpha=0.01, tol=1e-13, max_iter=10**6), counts + 0.5)
    line("huber 1.35 1", huber(wild, all_weights, epsilon=1.35, alpha=1))
    fit("quantile 0.3123 0", QuantileRegressor(quantile=0.3123, alpha=0, solver="highs"), wild)
    fit("quantile 0.9 0.05", QuantileRegressor(quantile=0.9, alpha=0.05, solver="highs"), wild)
    m = sm.WLS(y, sm.add_constant(X), weights=all_weights).fit()
    line("errors", m.bse)
    line("p", m.pvalues)
    line("residual, R2", [np.sqrt(m.scale), m.rsquared])

# All three levels of a one-hot set: a singular value decomposition of the centred columns.
Z = np.column_stack([X[:, :3], X[:, 3], i % 3 == 1, i % 3 == 2])
for weight in (np.ones(600), w):
    centred = Z - np.average(Z, axis=0, weights=weight)
    m = sm.WLS(y - np.average(y, weights=weight), centred, weights=weight, missing="none").fit()
    right = np.sqrt(m.df_resid / (m.df_resid - 1))
    line("one-hot errors", m.bse * right)
    mean = np.average(Z, axis=0, weights=weight)
    line("of the intercept", [np.sqrt(m.scale * right**2 / weight.sum() + mean @ (m.normalized_cov_params * m.scale * right**2) @ mean)])

r, c = np.arange(9)[:, None], np.arange(24)[None, :]
wide = ((r * 37 + c * 11 + r * r * c * 7) % 101) / 8.0
wide[:, 7] = 2 * wide[:, 3] - wide[:, 6]
ys = ((np.arange(9) * 29 % 17) - 8) / 4.0
for l1_ratio in (1, 0.7):
    m = ElasticNet(alpha=0.3, l1_ratio=l1_ratio, tol=1e-15, max_iter=10**7).fit(wide, ys)
    line(f"wide 0.3 {l1_ratio}", [m.intercept_, *m.coef_])
