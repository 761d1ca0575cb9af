# Each program behind and before a pipe with O_NONBLOCK, the other end of which is slow: it goes on once the program has nothing to do.
import array
import fcntl
import os
import select
import subprocess
import termios
import threading

TABLE = open("a.csv", "rb").read()
STREAM = open("a.mp", "rb").read()


def waiting(end):
    n = array.array("i", [0])
    fcntl.ioctl(end, termios.FIONREAD, n)
    return n[0]


def is_asleep(process):
    """Whether all of its threads are, or it has ended."""
    try:
        tasks = os.listdir(f"/proc/{process.pid}/task")
        return all(open(f"/proc/{process.pid}/task/{task}/stat").read().rsplit(")", 1)[1].split()[0] in "SZ" for task in tasks)
    except OSError:
        return True


def feed(file, data):
    try:
        with file:
            file.write(data)
    except BrokenPipeError:
        pass


def written(command, data):
    """What comes out of a pipe that was full before it was read."""
    out, into = os.pipe()
    os.set_blocking(into, False)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=into, stderr=subprocess.PIPE)
    feeder = threading.Thread(target=feed, args=(process.stdin, data))
    feeder.start()
    while select.select([], [into], [], 0)[1] or not is_asleep(process):
        if process.poll() is not None:
            break
    os.close(into)
    with open(out, "rb") as file:
        got = file.read()
    feeder.join()
    return process.wait(), got, process.stderr.read()


def read(command, data):
    """What comes out where the input came in halves, the second when the first was taken."""
    out, into = os.pipe()
    os.set_blocking(out, False)
    with open("out", "wb") as file:
        process = subprocess.Popen(command, stdin=out, stdout=file, stderr=subprocess.PIPE)
        os.write(into, data[:30000])
        while (waiting(out) or not is_asleep(process)) and process.poll() is None:
            pass
        os.close(out)
        feed(open(into, "wb"), data[30000:])
        return process.wait(), open("out", "rb").read(), process.stderr.read()


def rows(stream):
    """Of a stream; where its batches end hangs on the time."""
    return subprocess.run(["load", "-f", "csv"], input=stream, capture_output=True).stdout


for name, command, data in [("extract", ["extract", "-q", "-f", "csv", "-"], TABLE), ("transform", ["transform", "derive h = minutes / 60"], STREAM),
                            ("load", ["load", "-f", "csv"], STREAM), ("describe", ["describe"], STREAM)]:
    right = subprocess.run(command, input=data, capture_output=True).stdout
    for way in (written, read) if name != "describe" else (read,):
        status, got, said = way(command, data)
        same = rows(got) == rows(right) if name in ("extract", "transform") else got == right
        print(name, way.__name__, status, "the same" if same else f"{len(got)} bytes, not {len(right)}", said.decode())
