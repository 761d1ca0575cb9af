# SPDX-License-Identifier: MIT
"""The objective of a model `svm`, and its decisions of all pairs of classes on eight rows from the first to the last, in one line; reckoned here
from support vectors and coefficients.

usage: decisions.py MODEL <ROWS.tsv     ROWS: the model's features, as it takes them
"""
import math
import struct
import sys

import msgpack

SHOWN = 8
model = msgpack.Unpacker(open(sys.argv[1], "rb"), max_buffer_size=0).unpack()[1]
head, *rows = (line.rstrip("\n").split("\t") for line in sys.stdin)
places = [head.index(name) for name in model["features"]]
shown = [[{"true": 1.0, "false": 0.0}.get(row[p]) if row[p] in ("true", "false") else float(row[p]) for p in places]
         for row in (rows[i * (len(rows) - 1) // (SHOWN - 1)] for i in range(SHOWN))]
params = model["params"]


def doubles(packed):
    return struct.unpack(f"<{len(packed) // 8}d", packed)


def column(packed, n):
    if isinstance(packed, bytes):
        return struct.unpack(f"<{n}f", packed) if len(packed) == 4 * n else doubles(packed)
    levels = doubles(packed[0])
    return [levels[packed[1][i // 8] >> i % 8 & 1 if len(levels) <= 2 else packed[1][i]] for i in range(n)]


def dot(a, b):
    return math.fsum(u * v for u, v in zip(a, b))


def value(x, z):
    gamma, kernel = params["gamma"], params["kernel"]
    if kernel == "rbf":
        return math.exp(-gamma * math.fsum((u - v) ** 2 for u, v in zip(x, z)))
    at = gamma * dot(x, z) + params["coef0"]
    return math.tanh(at) if kernel == "sigmoid" else at ** params["degree"]


counts, rhos = params["counts"], doubles(params["rho"])
n, k = sum(counts), len(model.get("classes", []))
pairs = [(i, j) for i in range(k) for j in range(i + 1, k)] or [(0, 0)]
if "planes" in params:
    planes = doubles(params["planes"])
    d = len(places)
    found = [dot(planes[m * d:(m + 1) * d], x) - rhos[m] for x in shown for m in range(len(pairs))]
else:
    vectors = list(zip(*(column(packed, n) for packed in params["vectors"])))
    coefficients = doubles(params["coefficients"])
    starts = [sum(counts[:i]) for i in range(len(counts) + 1)]
    found = []
    for x in shown:
        values = [value(x, vector) for vector in vectors]
        for m, (i, j) in enumerate(pairs):
            parts = [(i, j - 1), (j, i)] if k else [(0, 0)]
            found.append(math.fsum(coefficients[layer * n + s] * values[s] for kind, layer in parts for s in range(starts[kind], starts[kind + 1])) - rhos[m])
print(repr(params["objective"]), *map(repr, found), sep="\t")
