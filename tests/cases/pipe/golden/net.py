# SPDX-License-Identifier: MIT
# What a net of a golden model says of rows, by the numbers in the file alone: python3 net.py MODEL ROW..., a ROW being its features as the net sees them.
import math
import sys

import msgpack


def floats(data):
    return list(memoryview(data).cast("f"))


def embedded(params, row):
    out = []
    levels = {part["feature"]: part for part in params.get("embedded", [])}
    for i, x in enumerate(row):
        if i in levels:
            part = levels[i]
            width, table = part["width"], floats(part["weight"])
            out += table[int(x) * width:(int(x) + 1) * width]
        else:
            out.append(x)
    return out


def normed(params, layer, units):
    mean = sum(units) / len(units)
    if params["norm"] == "batch":
        means, variances = floats(layer["mean"]), floats(layer["variance"])
    else:
        variance = sum((u - mean) ** 2 for u in units) / len(units)
        means, variances = [mean] * len(units), [variance] * len(units)
    return [(u - m) / math.sqrt(v + 1e-5) * s + b for u, m, v, s, b in zip(units, means, variances, floats(layer["scale"]), floats(layer["shift"]))]


def answer(params, row):
    units = embedded(params, row)
    for i, layer in enumerate(params["layers"]):
        weight, bias, n = floats(layer["weight"]), floats(layer["bias"]), len(units)
        units = [sum(w * u for w, u in zip(weight[o * n:(o + 1) * n], units)) + b for o, b in enumerate(bias)]
        if i + 1 == len(params["layers"]):
            return units[0]
        units = normed(params, layer, units)
        if params["activation"] == "gelu":
            units = [u * (1 + math.erf(u / math.sqrt(2))) / 2 for u in units]
        else:
            units = [max(u, 0) for u in units]


model = next(part[1] for part in msgpack.Unpacker(open(sys.argv[1], "rb"), raw=False, strict_map_key=False) if part[0] == "model")
scale = model["lineage"]["steps"][-1]["units"][0]["state"]
for row in sys.argv[2:]:
    print(round(answer(model["params"], [float(x) for x in row.split(",")]) * scale["scale"] + scale["center"], 4))
