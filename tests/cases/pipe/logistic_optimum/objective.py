# SPDX-License-Identifier: MIT
"""scikit-learn's objective of a model of classes, from what it answers and from its coefficients:

    C sum_i -w_i log p(class_i) + (1 - l1_ratio) |b|^2 / 2 + l1_ratio |b|_1

usage: objective.py MODEL TARGET C L1_RATIO balanced|none <ROWS.tsv     ROWS: columns TARGET and probability_CLASS. C inf: no penalty, and C 1
"""
import collections
import math
import struct
import sys

import msgpack

target, C, ratio = sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
head, *rows = (line.rstrip("\n").split("\t") for line in sys.stdin)
truth = head.index(target)
column = {name.removeprefix("probability_"): i for i, name in enumerate(head) if name.startswith("probability_")}
counts = collections.Counter(row[truth] for row in rows)
weights = {c: len(rows) / len(counts) / n if sys.argv[5] == "balanced" else 1 for c, n in counts.items()}
loss = math.fsum(-weights[row[truth]] * math.log(float(row[column[row[truth]]])) for row in rows)
if math.isinf(C):
    print(repr(loss))
else:
    _, model = msgpack.Unpacker(open(sys.argv[1], "rb"), max_buffer_size=0).unpack()
    b = struct.unpack(f"<{len(model['params']['coefficients']) // 8}d", model["params"]["coefficients"])
    print(repr(C * loss + (1 - ratio) / 2 * math.fsum(v * v for v in b) + ratio * math.fsum(map(abs, b))))
