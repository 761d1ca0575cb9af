# SPDX-License-Identifier: MIT
"""Streams of format 2, made from common/stream/stream.5 alone: no code of Millrace wrote a byte of them.

usage: python scripts/reference/golden.py FOLDER     (pip install msgpack xxhash)

Writes tests/golden/stream-2-types.mp, with every type, form and way to write a column, its header in pieces; stream-2-keys.mp, with keys of a
later Millrace, without those that may be absent, in another order, and integers of other sizes; stream-2-narrow.mp, with ints and reals of few
digits; and model-pieces-2.mp, tests/golden/model-linear-2.mp in pieces. They are frozen: later versions read them, whatever they write.
"""
import struct
import sys

import msgpack
import xxhash

DAY = 86400 * 10**6
Y2024 = 19723 * DAY                     # 2024-01-01


def check(data):
    return b"\xcf" + struct.pack(">Q", xxhash.xxh3_64_intdigest(data))


def checked(pairs):
    """A map that ends with its own check."""
    body = msgpack.packb({**dict(pairs), "check": 0})[:-1]
    return body + check(body)


def message(kind, packed):
    return b"\x92" + msgpack.packb(kind) + packed


def in_pieces(kind, packed, sizes):
    pieces = [packed[at:to] for at, to in zip([0, *sizes], [*sizes, len(packed)])]
    return message(kind, msgpack.packb({"pieces": len(pieces), "size": len(packed)})) + b"".join(message("piece", msgpack.packb(piece)) for piece in pieces)


class Data:
    """The buffers of a batch, each at a multiple of 8."""

    def __init__(self):
        self.bytes = b""

    def run(self, data):
        at = len(self.bytes)
        self.bytes += data + b"\0" * (-len(data) % 8)
        return [at, len(data)]

    def valid(self, values):
        if all(value is not None for value in values):
            return {}
        bits = sum(1 << row for row, value in enumerate(values) if value is not None)
        return {"valid": self.run(bits.to_bytes((len(values) + 63) // 64 * 8, "little"))}

    def values(self, code, values):
        return {**self.valid(values), "values": self.run(struct.pack(f"<{len(values)}{code}", *(value or 0 for value in values)))}

    def narrow(self, width, values, digits=None):
        column = {**self.valid(values), "values": self.run(struct.pack(f"<{len(values)}{ {1: 'b', 2: 'h', 4: 'i'}[width] }", *(value or 0 for value in values)))}
        return {**column, "width": width} | ({} if digits is None else {"digits": digits})

    def text(self, values, width=None, entries=None):
        entries = [(value or "").encode() for value in values] if width is None else [entry.encode() for entry in entries]
        offsets = [sum(len(entry) for entry in entries[:n]) for n in range(len(entries) + 1)]
        column = {**self.valid(values), "offsets": self.run(struct.pack(f"<{len(offsets)}I", *offsets)), "bytes": self.run(b"".join(entries))}
        if width:
            codes = [0 if value is None else entries.index(value.encode()) for value in values]
            column |= {"codes": self.run(struct.pack(f"<{len(codes)}{ {1: 'B', 2: 'H', 4: 'I'}[width] }", *codes)), "width": width}
        return column

    def sequence(self, first, step):
        return {"first": first, "step": step}

    def mostly(self, code, most, odd):
        column = {"most": most, "at": self.run(struct.pack(f"<{len(odd)}H", *odd))}
        return column if code == "?" else column | {"odd": self.run(struct.pack(f"<{len(odd)}{code}", *odd.values()))}


def batch(rows, columns, data, more={}):
    return b"\x93" + msgpack.packb("batch") + msgpack.packb({"rows": rows, "columns": columns, **more}) + msgpack.packb(data.bytes)


def lineage(fields):
    return {"inputs": [{key: field[key] for key in ("name", "type", "role", "unit", "form") if key in field} for field in fields], "steps": []}


def types():
    fields = [{"name": "id", "type": "int", "role": "id"}, {"name": "km", "type": "real", "role": "feature", "unit": "km", "form": "2"},
              {"name": "any", "type": "real", "role": "feature", "form": "mixed"}, {"name": "ok", "type": "bool", "role": "feature", "form": "True/False"},
              {"name": "on", "type": "time", "role": "feature", "form": "%Y-%m-%d"},
              {"name": "at", "type": "time", "role": "time", "form": "%Y-%m-%dT%H:%M:%S%.f+05:30"}, {"name": "utc", "type": "time", "role": "feature"},
              {"name": "text", "type": "text", "role": "feature"}, {"name": "one", "type": "text", "role": "group"},
              {"name": "two", "type": "text", "role": "source"}, {"name": "four", "type": "text", "role": "target"},
              {"name": "when", "type": "text", "role": "feature", "form": "%Y-%m-%dT%H:%M:%S%z"}, {"name": "w", "type": "real", "role": "weight"},
              {"name": "_split", "type": "text", "role": "split"}]
    stream = in_pieces("header", checked({"format": 2, "fields": fields, "lineage": lineage(fields), "source": "golden"}.items()), (1, 300))
    levels = ["", "Åre", "a\tb", "\0", "x" * 300]
    # 66 rows, so that a bit map takes two words; every seventh value of a column is missing, shifted from column to column
    data, n = Data(), 66
    rows = lambda shift, value: [None if (row + shift) % 7 == 0 else value(row) for row in range(n)]
    columns = [data.values("q", [row - 2**63 if row < 33 else 2**63 - row for row in range(n)]),
               {**data.values("d", rows(1, lambda row: row / 4)), "mixed": True}, {**data.values("d", rows(2, lambda row: -row * 10.0**(row - 33))), "words": True},
               data.values("?", rows(3, lambda row: row % 3 == 0)), data.values("q", rows(4, lambda row: Y2024 + row * DAY)),
               data.values("q", rows(5, lambda row: Y2024 + row * 3600 * 10**6 + row % 2 * 500000)),
               data.values("q", rows(6, lambda row: -62135596800 * 10**6 + row)), data.text(rows(0, lambda row: "é" * (row % 4))),
               data.text(rows(1, lambda row: levels[row % 5]), 1, levels), data.text(rows(2, lambda row: levels[row % 4]), 2, levels),
               data.text(rows(3, lambda row: levels[row % 3]), 4, levels), data.text(rows(4, lambda row: f"2024-01-01T10:00:00+0{row % 3}:00")),
               data.values("d", [0.5] * n), data.text(["train"] * n, 1, ["", "train"])]
    stream += batch(n, columns, data)
    # the same columns in a short form
    data, n = Data(), 5
    columns = [data.sequence(7, -3), data.mostly("d", 1.5, {1: -0.25, 4: 8.0}), data.mostly("d", 0.0, {}), data.mostly("?", True, {0: None, 3: None}),
               data.mostly("q", Y2024, {2: Y2024 + DAY}), data.values("q", [Y2024] * n), data.mostly("q", 0, {4: 253402300799999999}),
               data.text(["", "b", "", "d", ""]), data.text(["b"] * n, 1, ["b"]), data.text(["b", "a"] * 2 + ["b"], 2, ["a", "b", "c"]),
               data.text(["b", "a"] * 2 + ["b"], 4, ["b", "a"]), data.text([None] * n), data.values("d", [1.0, 2.0, 0.0, 3.0, 4.0]), data.text(["test", "valid", "test", "test", "test"])]
    stream += batch(n, columns, data)
    stages = [{"program": "golden", "rows_in": 72, "rows_out": 71, "dropped": [{"what": "by hand", "number": 1}], "rejected": 0, "counts": [], "seconds": 0.5}]
    stream += message("end", msgpack.packb({"rows": 71, "partial": True, "stages": stages, "check": 0})[:-1])
    return stream + check(stream)


def keys():
    """{"later": ...} stands in every map; roles, sources and stages are absent."""
    later = {"later": {"deep": [1, None, "x"]}}
    wide = lambda n: b"\xcf" + struct.pack(">Q", n)                                                 # an integer as long as can be
    fields = [{"later": 1, "type": "int", "name": "n"}, {"type": "text", "name": "t", "later": [2]}, {"type": "real", "name": "p", "later": None}]
    steps = [{"later": 0, "units": [], "text": "derive p = n / 2"}]
    stream = message("header", msgpack.packb({"format": 2, **later, "lineage": {"steps": steps, **later, "inputs": fields[:2]}, "fields": fields}))
    data = Data()
    columns = [{**later, "step": 2, "first": 10}, {"later": [[]], **data.text(["a", None], 1, ["a"])}, {**data.values("d", [5.0, 5.5]), **later}]
    head = msgpack.packb({**later, "columns": columns, "rows": 0})[:-1] + wide(2)
    stream += b"\x93" + msgpack.packb("batch") + head + msgpack.packb(data.bytes)
    stream += msgpack.packb({"p": 6, "t": "c", "n": 12.0})                                          # a plain record among them
    end = msgpack.packb({**later, "rows": 3, "bookmark": {"log": 7}, "check": 0})[:-1]
    stream += message("end", end)
    return stream + check(stream)


def narrow():
    widths = (1, 2, 4)
    fields = [{"name": f"n{width}", "type": "int"} for width in widths] + [{"name": f"r{digits}", "type": "real"} for digits in (0, 1, 2, 7, 15)]
    stream = message("header", checked({"format": 2, "fields": fields, "lineage": lineage(fields)}.items()))
    for n in (5, 66):                   # 66 rows, so that a bit map takes two words
        data = Data()
        # the ends of each width, then what steps evenly over all of it; of 66 rows every seventh is missing, shifted from column to column
        value = lambda row, width: [-2**(8 * width - 1), 2**(8 * width - 1) - 1, 0, 1, -1][row] if row < 5 else (row * 2**(8 * width) // n + 3) - 2**(8 * width - 1)
        rows = lambda width, shift: [None if n > 5 and (row + shift) % 7 == 0 else value(row, width) for row in range(n)]
        columns = [data.narrow(width, rows(width, shift)) for shift, width in enumerate(widths)]
        columns += [data.narrow(widths[i % 3], rows(widths[i % 3], 3 + i), digits) for i, digits in enumerate((0, 1, 2, 7, 15))]
        stream += batch(n, columns, data)
    stream += message("end", msgpack.packb({"rows": 71, "check": 0})[:-1])
    return stream + check(stream)


folder = sys.argv[1]
model = open(f"{folder}/model-linear-2.mp", "rb").read()
head = message("model", b"")
assert model.startswith(head)
for name, written in (("stream-2-types", types()), ("stream-2-keys", keys()), ("stream-2-narrow", narrow()), ("model-pieces-2", in_pieces("model", model[len(head):], (7, 8, 1000)))):
    with open(f"{folder}/{name}.mp", "wb") as file:
        file.write(written)
