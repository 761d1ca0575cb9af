# Damages heads and runs their readers; prints what was taken for right.
import random
import subprocess

RAW = open("raw.mp", "rb").read()
RECORDS = RAW[RAW.index(b"\x93\xa5batch"):]


def run(command, data=b""):
    done = subprocess.run(command, input=data, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def places(size):
    rng = random.Random(20)
    return sorted(set(rng.sample(range(size), min(80, size))) | set(range(size - 20, size)))


def sweep(name, size, readers):
    """Each reader: a command for the file x.mp, and what stands on its standard input (None: the damaged bytes)."""
    whole = open(name, "rb").read()
    taken = refused = 0
    open("x.mp", "wb").write(whole)
    right = [run(command, whole if data is None else data) for command, data in readers]
    assert all(status == 0 for status, _, _ in right), right
    for at in places(size):
        bytes_ = bytearray(whole)
        bytes_[at] ^= 1 << at % 8
        open("x.mp", "wb").write(bytes_)
        for (command, data), (_, out, _) in zip(readers, right):
            status, got, said = run(command, bytes(bytes_) if data is None else data)
            lines = said.count(b"\n")
            if status == 0 and got != out:
                print("taken:", name, at, command)
            elif status not in (0, 1, 3, 4) or (status and lines != 1):
                print("not refused in one line:", name, at, command, status, said)
            taken += status == 0
            refused += status != 0
    print(name, "refused" if refused > 20 * taken else f"refused {refused}, taken {taken}")


LIKE = ["extract", "-q", "--like", "x.mp", "a.csv"]
APPLY = ["transform", "-q", "--apply", "x.mp"]
sweep("m.mp", len(open("m.mp", "rb").read()),
      [(LIKE, b""), (APPLY, RAW), (["predict", "-q", "x.mp"], RAW), (["describe", "x.mp"], b""), (["evaluate", "x.mp", "-q"], RAW)])
sweep("f.mp", open("f.mp", "rb").read().index(b"\x92\xa3end"), [(LIKE, b""), (APPLY, RAW), (["describe", "--schema", "x.mp"], b"")])
sweep("raw.mp", RAW.index(b"\x93\xa5batch"), [(LIKE, b""), (["describe", "--schema", "x.mp"], b""), (["describe", "-q"], None), (["load", "-f", "csv"], None)])
