# Damages files: one bit, the end cut off, bytes behind it. Prints what their readers took for right.
import random
import subprocess
import sys

SAMPLE = int(sys.argv[1])       # places of each kind of damage; 0: all
RAW = open("raw.mp", "rb").read()
RECORDS = RAW.index(b"\x93\xa5batch")


def run(command, data):
    done = subprocess.run(command, input=data, capture_output=True)
    return done.returncode, done.stderr


def places(size):
    """All of the last 20, where the end has its short words, and some of the rest."""
    rng = random.Random(20)
    if not SAMPLE:
        return range(size)
    return sorted(set(rng.sample(range(size), min(SAMPLE, size))) | set(range(max(size - 20, 0), size)))


def damages(whole, size):
    for at in places(size):
        for bit in (1 << at % 8, 16) if at >= size - 20 or not SAMPLE else (1 << at % 8,):
            yield f"bit {bit} of byte {at}", whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1:]
    for at in places(len(whole)):
        if at:
            yield f"cut at {at}", whole[:at]
    for more in (b"\0", b"\x80", b"\n", b"\x92\xa3end", b"text", whole[-1:], RAW[RECORDS:]):
        yield f"{more[:8]} behind it", whole + more


def sweep(name, readers, size=None):
    """Each reader: a command for the file x.mp, and what stands on its standard input (None: the damaged bytes). size: so much of it is proven."""
    whole = open(name, "rb").read()
    taken = refused = 0
    open("x.mp", "wb").write(whole)
    for command, data in readers:
        status, said = run(command, whole if data is None else data)
        assert status == 0, (command, said)
    for what, damaged in damages(whole, size or len(whole)):
        if size and (len(damaged) > len(whole) or len(damaged) < len(whole) and damaged[:size] == whole[:size]):
            continue            # what is not read
        if damaged == whole[:max(whole.find(b"\x92\xa6header"), 0)]:
            continue            # the model alone is whole
        open("x.mp", "wb").write(damaged)
        for command, data in readers:
            status, said = run(command, damaged if data is None else data)
            if status not in (1, 3, 4) or said.count(b"\n") != 1:
                print(what, "of", name, *command, "exit", status, said)
            taken += status == 0
            refused += status != 0
    print(name, f"taken {taken}" if refused > 50 else f"refused only {refused}")


LIKE = ["extract", "-q", "--like", "x.mp", "a.csv"]
APPLY = ["transform", "-q", "--apply", "x.mp"]
PREDICT = ["predict", "-q", "x.mp"]
DESCRIBE = ["describe", "-q", "x.mp"]
SCHEMA = ["describe", "--schema", "x.mp"]
CONTINUE = ["train", "-q", "--continue", "x.mp"]
RESUME = ["sh", "-c", "cp x.mp c.ckpt; exec train -q y --model mlp hidden=1 epochs=200 patience=0 --features n --checkpoint c.ckpt --resume"]
LOAD = (["load", "-f", "csv"], None)
sweep("m.mp", [(LIKE, b""), (APPLY, RAW), (PREDICT, RAW), (DESCRIBE, b""), (["evaluate", "-q", "x.mp"], RAW)])
sweep("l.mp", [(CONTINUE, RAW)])
sweep("held.mp", [(LIKE, b""), (PREDICT, RAW), (["evaluate", "-q"], None), LOAD])
sweep("f.mp", [(LIKE, b""), (APPLY, RAW), (DESCRIBE, b"")])
sweep("raw.mp", [(LIKE, b""), (["describe", "-q"], None), LOAD])
sweep("whole.ckpt", [(RESUME, RAW)])
sweep("f.mp", [(SCHEMA, b"")], open("f.mp", "rb").read().index(b"\x92\xa3end"))
sweep("raw.mp", [(SCHEMA, b"")], RECORDS)
