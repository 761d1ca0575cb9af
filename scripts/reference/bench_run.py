# SPDX-License-Identifier: MIT
"""How scripts/bench makes its files and runs pipes, and what it found for the README's table."""
import os
import random
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(TOP, "bin")
WORK = os.path.join(TOP, "build", "bench")


def has(python, *modules):
    return bool(python) and subprocess.run([python, "-c", "import " + ", ".join(modules)], stderr=subprocess.DEVNULL).returncode == 0


def program(name, folder=BIN):
    return os.path.join(folder, name)


def run(stages, stdin=None, output=None, usages=None):
    """Runs a pipe; gives seconds and each process's peak memory in MB. usages: a list that takes what each used."""
    begin = time.perf_counter()
    running, before = [], stdin
    for i, stage in enumerate(stages):
        last = i == len(stages) - 1
        sink = open(output or os.devnull, "wb") if last else subprocess.PIPE
        child = subprocess.Popen(stage, stdin=before, stdout=sink, stderr=subprocess.DEVNULL)
        if before is not None and before is not stdin:
            before.close()
        before = child.stdout
        if last:
            sink.close()
        running.append(child)
    peaks, failed = [], []
    for child, stage in zip(running, stages):
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        peaks.append(usage.ru_maxrss * 1024 / 1e6)
        if usages is not None:
            usages.append(usage)
        if child.returncode:
            failed.append(f"{os.path.basename(stage[0])}: {child.returncode}")
    if failed:
        sys.exit("bench: exit status " + ", ".join(failed))
    return time.perf_counter() - begin, peaks


def as_read(path):
    """The file, in the page cache as it comes from a disk: in large pieces. As a program wrote it, a few KiB at a time, it lies there in small ones, and to read those
    takes everybody three times as long."""
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    while os.read(fd, 1 << 20):
        pass
    os.close(fd)
    return path


def deliveries(rows):
    path = os.path.join(WORK, f"deliveries-{rows}.csv")
    if not os.path.exists(path):
        os.makedirs(WORK, exist_ok=True)
        print(f"making {path}", flush=True)
        with open(path + ".new", "wb") as out:
            subprocess.run([os.path.join(TOP, "scripts/make-deliveries"), "-c", str(rows)], stdout=out, check=True)
        os.rename(path + ".new", path)
    return as_read(path)


def made_rows(rows, features):
    """A table of numbers with a target that a net can learn."""
    path = os.path.join(WORK, f"numbers-{rows}-{features}.csv")
    if os.path.exists(path):
        return as_read(path)
    os.makedirs(WORK, exist_ok=True)
    print(f"making {path}", flush=True)
    rng = random.Random(1)
    with open(path + ".new", "w", encoding="ascii") as out:
        out.write(",".join(f"x{i}" for i in range(features)) + ",y\n")
        for _ in range(rows):
            x = [3.4 * rng.random() - 1.7 for _ in range(features)]
            y = x[0] + x[1] * x[2] + abs(x[3]) - x[4] / 2 + 0.2 * rng.random()
            out.write(",".join(f"{value:.4f}" for value in x) + f",{y:.4f}\n")
    os.rename(path + ".new", path)
    return as_read(path)


def spread(ratios, digits=1):
    """The median of the ratios of pairs, and from where to where they go."""
    return f"{statistics.median(ratios):.{digits}f} ({min(ratios):.{digits}f} to {max(ratios):.{digits}f})"


# ---- the table of the README ----

BEGIN, END = "<!-- from here to its end written by scripts/bench --table -->", "<!-- its end -->"
rows = []                       # what is measured, ours, the fastest other, the ratio


def note(what, ours, other="", ratio=""):
    rows.append((what, ours, other, ratio))


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    return f"{'one core' if cores == 1 else f'{cores} cores'} of {'an' if names and names[0][0] in 'AEIOU' else 'a'} {names[0] if names else 'unknown CPU'}"


def versions(python):
    """Of what is compared with, as far as it is there."""
    told = [subprocess.run([program("extract"), "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip().replace("extract (Millrace)", "Millrace")]
    for module, name in (("duckdb", "DuckDB"), ("polars", "Polars"), ("pyarrow", "pyarrow"), ("pandas", "pandas"), ("sklearn", "scikit-learn")):
        code = f"import {module}; print({module}.__version__)"
        if has(python, module):
            told.append(name + " " + subprocess.run([python, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout.strip())
    for command in ("mlr", "zsv"):
        try:
            out = subprocess.run([command, "--version" if command == "mlr" else "version"], stdout=subprocess.PIPE, text=True, check=True).stdout
            told.append(out.splitlines()[0].replace("mlr", "Miller"))
        except (OSError, subprocess.CalledProcessError, IndexError):
            continue
    return ", ".join(told)


def write_table(path, python, pairs):
    """Puts what was found between the two marks in the file."""
    lines = [BEGIN, f"{time.strftime('%Y-%m-%d')}, {machine()}; {versions(python)}.", "",
             f"| | Millrace | the fastest other | ratio, median of {pairs} pairs |", "|---|---|---|---|",
             *("| " + " | ".join(row) + " |" for row in rows), END]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        sys.exit(f"bench: {path} has no place for the table: a line '{BEGIN}' and a line '{END}'")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text[:begin] + "\n".join(lines) + text[end + len(END):])
    os.rename(path + ".new", path)
