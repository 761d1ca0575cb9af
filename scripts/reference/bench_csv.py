# SPDX-License-Identifier: MIT
"""The parts `extract`, `load` and `describe` of scripts/bench: whole processes from a CSV on, start-up included, each beside DuckDB, Polars, pandas, pyarrow
and Miller, on two threads. All of a part run in turn, round after round; a ratio is that of one round, and the table takes the peer whose median is least.

A peer must find the rows and types that ours finds, in every run: it is asked for what that needs, and no more.
"""
import csv
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

from bench_run import WORK, deliveries, has, made_rows, note, program, run, spread

INSTALL = "python3 -m venv peers/venv && peers/venv/bin/pip install duckdb polars pandas pyarrow"
ON_TWO = dict(os.environ, POLARS_MAX_THREADS="2", OMP_NUM_THREADS="2")          # pyarrow heeds OMP_NUM_THREADS
PATHS = "import json, sys\npath, target, times = sys.argv[1], sys.argv[2], [name for name in sys.argv[3].split(',') if name]\n"
TELL = "print(json.dumps([int(rows), [str(one) for one in types]]))\n"
DUCKDB = "import duckdb\ndb = duckdb.connect()\ndb.execute('SET threads = 2')\ndb.execute('SET enable_progress_bar = false')\n"

# name: the modules that it needs, what it does. `path` is the CSV, `target` a file to write or one of its own, `times` the columns that pandas must be told of.
EXTRACT = {
    "DuckDB": (["duckdb"], DUCKDB + """db.execute("CREATE TABLE t AS FROM read_csv(?)", [path])
rows = db.execute("SELECT count(*) FROM t").fetchone()[0]
types = [row[1] for row in db.execute("DESCRIBE t").fetchall()]
"""),
    "Polars": (["polars"], "import polars\nt = polars.read_csv(path, try_parse_dates=True)\nrows, types = t.height, t.dtypes\n"),
    "pyarrow": (["pyarrow"], "import pyarrow.csv\nt = pyarrow.csv.read_csv(path)\nrows, types = t.num_rows, t.schema.types\n"),
    "pandas": (["pandas"], "import pandas\nt = pandas.read_csv(path, parse_dates=times)\nrows, types = len(t), t.dtypes\n"),
    "pandas, engine pyarrow": (["pandas", "pyarrow"],
                               "import pandas\nt = pandas.read_csv(path, parse_dates=times, engine='pyarrow')\nrows, types = len(t), t.dtypes\n"),
}
LOAD = {
    "DuckDB COPY": (["duckdb"], DUCKDB + "db.execute(f\"COPY (FROM read_csv('{path}')) TO '{target}' (FORMAT csv, HEADER)\")\nrows, types = 0, []\n"),
    "Polars sink_csv": (["polars"], "import polars\npolars.scan_csv(path).sink_csv(target)\nrows, types = 0, []\n"),
}
SUMMARY = "t = db.execute(f'SUMMARIZE FROM {table}').fetchall()\nrows, types = t[0][10], [row[1] for row in t]\n"
PANDAS = "t = table.describe(include='all')\nrows, types = len(table), table.dtypes\n"
DESCRIBE = {
    "DuckDB, CSV": (["duckdb"], DUCKDB + "table = f\"read_csv('{path}')\"\n" + SUMMARY),
    "DuckDB, Parquet": (["duckdb"], DUCKDB + "table = f\"'{target}.parquet'\"\n" + SUMMARY),
    "DuckDB, its own file": (["duckdb"], DUCKDB.replace("connect()", "connect(target + '.duckdb', read_only=True)") + "table = 't'\n" + SUMMARY),
    "pandas, CSV": (["pandas", "pyarrow"], "import pandas\ntable = pandas.read_csv(path, parse_dates=times, engine='pyarrow')\n" + PANDAS),
    "pandas, Parquet": (["pandas", "pyarrow"], "import pandas\ntable = pandas.read_parquet(target + '.parquet')\n" + PANDAS),
}
FILES = DUCKDB.replace("connect()", "connect(target + '.duckdb')") + """db.execute("CREATE TABLE t AS FROM read_csv(?)", [path])
db.execute(f"COPY t TO '{target}.parquet'")
rows, types = 0, []
"""


def told_by(python, code, path, target, times):
    """Seconds of a peer's process; its rows and its types in our words."""
    begin = time.perf_counter()
    out = subprocess.run([python, "-c", PATHS + code + TELL, path, target, ",".join(times)], check=True, stdout=subprocess.PIPE, text=True, env=ON_TWO).stdout
    seconds = time.perf_counter() - begin
    rows, types = json.loads(out.splitlines()[-1])
    return seconds, rows, [our_type(one) for one in types]


def our_type(name):
    for ours, words in (("time", ("time", "date")), ("int", ("int",)), ("real", ("double", "float")), ("text", ("str", "varchar", "object"))):
        if any(word in name.lower() for word in words):
            return ours
    return name


def fields(path):
    """Rows of the CSV by Python's own reader; names and types that extract finds."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = sum(1 for _ in csv.reader(file)) - 1
    text = subprocess.run(f"'{program('extract')}' -q --no-origin '{path}' | '{program('load')}' -q -f tsv --typed | head -1", shell=True, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return rows, [re.match(r"([^:]*):([a-z]*)", field).groups() for field in text.rstrip("\n").split("\t")]


def there(python, peers):
    found = {name: code for name, (modules, code) in peers.items() if has(python, *modules)}
    left_out = [name for name in peers if name not in found]
    if left_out:
        print(f"  {', '.join(left_out)}: skipped ({INSTALL})")
    return found


def in_turn(title, pairs, ours, peers, what, each=False):
    """Rounds of ours and of each peer; a line for each, and one of the table with the fastest, or one for each."""
    mine, theirs = [], {name: [] for name in peers}
    for _ in range(pairs):
        mine.append(ours())
        for name, peer in peers.items():
            theirs[name].append(peer())
    order = sorted(peers, key=lambda name: statistics.median(theirs[name]))
    print(f"  {title:<36} {statistics.median(mine):7.3f} s   ({min(mine):.3f} to {max(mine):.3f})", flush=True)
    for i, name in enumerate(order):
        median, ratios = statistics.median(theirs[name]), [b / a for a, b in zip(mine, theirs[name])]
        print(f"    {name:<34} {median:7.3f} s   {spread(ratios)}", flush=True)
        if i == 0 or each:
            note(what, f"{statistics.median(mine):.2f} s", f"{name}: {median:.2f} s", spread(ratios))
    if not order:
        note(what, f"{statistics.median(mine):.2f} s")


def checked(python, name, code, path, target, expected):
    """A run of a peer, which must find the expected rows and types."""
    rows, columns = expected
    seconds, got, types = told_by(python, code, path, target, [column for column, kind in columns if kind == "time"])
    if (got, types) != (rows, [kind for _, kind in columns]):
        sys.exit(f"bench: {name} finds {got} rows of {' '.join(types)}, not {rows} of {' '.join(kind for _, kind in columns)}")
    return seconds


def processor(stages, which=0):
    usages = []
    run(stages, usages=usages)
    return usages[which].ru_utime + usages[which].ru_stime


# ---- extract ----

def extract(n, pairs, python):
    numbers = made_rows(n, 7)
    for what, path in (("deliveries in ten columns", deliveries(n)), ("rows of 8 reals", numbers)):
        expected = fields(path)
        size = os.path.getsize(path) / 1e6
        peers = there(python, EXTRACT)
        print(f"extract -j 2, {n} {what}, {size:.0f} MB, into a pipe; the others into memory", flush=True)
        in_turn("extract", pairs, lambda: run([[program("extract"), "-q", "-j", "2", path], ["cat"]])[0],
                {name: lambda name=name, code=code: checked(python, name, code, path, "", expected) for name, code in peers.items()},
                f"`extract -j 2`: {n:,} {what}, {size:.0f} MB")
    a_core(n, numbers, pairs)
    memory(n)


def a_core(n, path, pairs):
    """GB of CSV for each second of processor time, with all that comes with it."""
    size = os.path.getsize(path) / 1e9
    ours = [program("extract"), "-q", "-j", "1"]
    ways = {"types given": [*ours, "--types", "*=real", path], "types found by looking": [*ours, path]}
    if shutil.which("zsv"):
        fast = ["--parser", "fast"]     # of newer versions: for quotes that stand as they should
        fast = fast if subprocess.run(["zsv", "count", *fast, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0 else []
        ways["zsv count, which only finds the cells"] = ["zsv", "count", *fast, path]
    else:
        print("  zsv: skipped (https://github.com/liquidaty/zsv: ./configure && make install)")
    speeds = {name: [] for name in ways}
    for _ in range(pairs):
        for name, stage in ways.items():
            speeds[name].append(size / processor([stage, ["cat"]]))
    print(f"extract -j 1, {n} rows of 8 reals, GB of CSV a second of processor time")
    for name, of in speeds.items():
        print(f"  {name:<38} {statistics.median(of):6.2f} GB/s   ({min(of):.2f} to {max(of):.2f})", flush=True)
    given, looked, *zsv = (f"{statistics.median(of):.2f} GB/s" for of in speeds.values())
    note("`extract -j 1`: 8 reals, a core; types given", given, *(["zsv, finds the cells only: " + zsv[0]] if zsv else []))
    note("the same, types found by looking", looked)


def memory(n):
    """The deliveries eleven times over: 2 GB, if there are 2,000,000."""
    path, times = os.path.join(WORK, "large.csv"), 11
    size = os.path.getsize(deliveries(n)) * times
    if shutil.disk_usage(WORK).free < 2 * size:
        print(f"peak memory: skipped (no room for {size / 1e9:.1f} GB)")
        return
    try:
        with open(path, "wb") as out:
            for i in range(times):
                with open(deliveries(n), "rb") as part:
                    if i > 0:
                        part.readline()
                    shutil.copyfileobj(part, out, 1 << 20)
        size = os.path.getsize(path) / 1e9
        file = run([[program("extract"), "-q", "-j", "2", path], ["cat"]])[1][0]
        pipe = run([["cat", path], [program("extract"), "-q", "-j", "2", "-f", "csv", "-"], ["cat"]])[1][1]
    finally:
        os.remove(path)
    print(f"peak memory of extract -j 2, {size:.2f} GB of deliveries: {file:.0f} MB of a file, {pipe:.0f} MB of a pipe", flush=True)
    note(f"peak memory of `extract -j 2`: {size:.1f} GB", f"{file:.0f} MB, of a pipe {pipe:.0f} MB")


# ---- load ----

def plainly(cell):
    """A cell as anybody may write it: 1.50 is 1.5, and 2024-02-22T19:54:00.000000 is 2024-02-22 19:54:00."""
    try:
        return float(cell)
    except ValueError:
        return cell.replace("T", " ").replace(".000000", "") if cell[:4].isdigit() and cell[4:5] == "-" else cell


def same_rows(path, other):
    """Whether two CSVs hold the same."""
    with open(path, newline="", encoding="utf-8") as a, open(other, newline="", encoding="utf-8") as b:
        for x, y in zip(csv.reader(a), csv.reader(b), strict=True):
            if x != y and list(map(plainly, x)) != list(map(plainly, y)):
                sys.exit(f"bench: {os.path.basename(other)} has {y}, not {x}")


def new(target):
    """A target that is not there: to give up the blocks of 190 MB takes the file system 40 ms, whoever replaces them."""
    if os.path.exists(target):
        os.remove(target)
    return target


def load(n, pairs, python):
    path = deliveries(n)
    found = there(python, LOAD)
    target = {name: os.path.join(WORK, f"loaded-{i}.csv") for i, name in enumerate(["ours", *found, "Miller cat"])}
    stages = [[program("extract"), "-q", "-j", "2", path], [program("load"), "-q", "-j", "2", target["ours"]]]
    peers = {name: lambda name=name, code=code: told_by(python, code, path, new(target[name]), [])[0] for name, code in found.items()}
    if shutil.which("mlr"):
        peers["Miller cat"] = lambda: run([["mlr", "--icsv", "--ocsv", "cat", path]], output=new(target["Miller cat"]))[0]
    else:
        print("  Miller: skipped (apt-get install miller)")
    print(f"extract -j 2 | load -j 2, {n} deliveries, {os.path.getsize(path) / 1e6:.0f} MB, into a new file", flush=True)
    try:
        in_turn("extract | load", pairs, lambda: new(target["ours"]) and run(stages)[0], peers,
                f"`extract -j 2 \\| load -j 2`: {n:,} deliveries, CSV to a new CSV", each=True)
        for name in peers:
            same_rows(target["ours"], target[name])
    finally:
        for written in target.values():
            if os.path.exists(written):
                os.remove(written)


# ---- describe ----

def describe(n, pairs, python):
    path, stream, target = deliveries(n), os.path.join(WORK, "described.mp"), os.path.join(WORK, "described")
    expected = fields(path)
    run([[program("extract"), "-q", path]], output=stream)
    if has(python, "duckdb"):
        if os.path.exists(target + ".duckdb"):
            os.remove(target + ".duckdb")
        told_by(python, FILES, path, target, [])
    peers = {name: code for name, code in there(python, DESCRIBE).items() if "Parquet" not in name or has(python, "duckdb")}
    print(f"describe, {n} deliveries", flush=True)
    in_turn("describe x.mp", pairs, lambda: run([[program("describe"), stream]])[0],
            {name: lambda name=name, code=code: checked(python, name, code, path, target, expected) for name, code in peers.items()},
            f"`describe x.mp`: {n:,} deliveries; theirs is `SUMMARIZE` or `describe(include=\"all\")`")
