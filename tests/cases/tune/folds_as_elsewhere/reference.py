# Scores by folds as scikit-learn has them, of the wine.csv that the case writes; the scaler is fitted anew in each fold.
import sys
import warnings
import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import log_loss, make_scorer
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
rows = np.genfromtxt(sys.argv[1], delimiter=",", skip_header=1, usecols=range(15))
x, y = rows[:, :13], rows[:, 13].astype(int)
folds = PredefinedSplit(rows[:, 14])
print("# scikit-learn", sklearn.__version__)
for c in 0.01, 1, 100:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=c, solver="newton-cg", tol=1e-12, max_iter=100000))
    for name, sign in ("neg_log_loss", -1), ("accuracy", 1):
        s = sign * cross_val_score(model, x, y, cv=folds, scoring=name)
        print(f"logistic C={c} {name} {s.mean():.10f} {s.std(ddof=1):.10f}")
for n in 1, 5, 20:
    model = make_pipeline(StandardScaler(), KNeighborsRegressor(n_neighbors=n))
    s = -cross_val_score(model, np.delete(x, 12, 1), x[:, 12], cv=folds, scoring="neg_root_mean_squared_error")
    print(f"knn n_neighbors={n} rmse {s.mean():.10f} {s.std(ddof=1):.10f}")
