# SPDX-License-Identifier: MIT
"""What fitted.recipe makes of three rows, by its own words on fitted.csv: values for tests/cases/pipe/golden.

usage: python fitted.py     (Python's statistics alone)
"""
from math import cos, pi, sin
from statistics import mean, median, quantiles, stdev

# the training rows of fitted.csv: kilometres (100 is none, by the rule), minutes by town, ratings
km = [1.5, 3, None, 0.85, 7, 2, None]
filled = mean(x for x in km if x is not None)
km = [filled if x is None else x for x in km]
minutes = {"Porto": [5, 14], "Braga": [9, 8], "Faro": [20], None: [12]}
everywhere = median([5, 9, 14, 12, 20, 8])
rows = [5, 9, 14, 12, 20, median(minutes["Faro"]), 8]
ratings = [4, 5, 3, 2, 4, 1]
rating = median(ratings)
ratings.append(rating)
low, middle, high = quantiles(ratings, n=4, method="inclusive")
pace = max(time / way for time, way in zip(rows, km))
for town, way, time, stars, month, hour in [("Porto", 7, 5, 3.5, 12, 23), ("Atlantis", None, None, None, 7, 6), ("Braga", 0.85, None, 1, None, None)]:
    x = filled if way is None else way
    t = time if time is not None else median(minutes[town]) if town in minutes else everywhere
    print(town, "km", (x - mean(km)) / stdev(km), "min", (t - min(rows)) / (max(rows) - min(rows)), "rating", ((rating if stars is None else stars) - middle) / (high - low),
          "pace", t / x / pace, *([] if month is None else [sin(2 * pi * (month - 1) / 12), cos(2 * pi * (month - 1) / 12), sin(2 * pi * hour / 24), cos(2 * pi * hour / 24)]))
