# SPDX-License-Identifier: MIT
"""Prints the coefficients of a linear model file, exactly: any msgpack library reads it (common/stream/stream.5)."""
import struct
import sys

import msgpack

kind, model = msgpack.Unpacker(open(sys.argv[1], "rb"), max_buffer_size=0).unpack()
params = model["params"]
coefficients = struct.unpack(f"<{len(model['features'])}d", params["coefficients"])
for feature, value in zip(["intercept"] + model["features"], (params["intercept"], *coefficients)):
    print(feature, repr(value), sep="\t")
