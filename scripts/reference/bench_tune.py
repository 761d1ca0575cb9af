#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The part `tune` of scripts/bench: `extract F | tune TARGET --budget TIME` beside FLAML, on public tables as they come, the same held-out rows, seconds
and threads; and svm's 1,176 configurations on wine beside a loop over scikit-learn's SVC.

usage: bench_tune.py [--bin BIN] [--python PYTHON] [--data DATA] [--work WORK] [--seconds S] [--seeds N] [--ours] [--words WORDS] [TABLE...|wine]

--ours: FLAML's scores of before are taken where they are there, else left out. --words: more of tune's options.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ADULT = ("--no-header --names age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,race,sex,capital_gain,capital_loss,"
         "hours_per_week,native_country,income")
# What makes the stream (SEED: of the split), and its target. Of adult the test file is held out.
TABLES = {
    "california": ("extract -q california_housing/housing.csv | transform -q --seed SEED 'split test=0.2'", "median_house_value"),
    "adult": ("{ cat adult/adult.data; sed '1d; s/\\.$//' adult/adult.test; } | sed '/^ *$/d' | extract -q --trim --null '?' " + ADULT +
              " - | transform -q 'split rows=WORK/adult.rows'", "income"),
    "bike": ("extract -q bike_sharing/hour.csv | transform -q --seed SEED 'split test=0.2' 'drop casual registered'", "cnt"),
    "titanic": ("extract -q titanic/train.csv | transform -q --seed SEED 'split test=0.2'", "Survived"),
    "food": ("extract -q --trim --null 'NaN,conditions NaN' food_delivery/train.csv | transform -q --seed SEED 'split test=0.2' "
             "'rename `Time_taken(min)`=minutes' 'parse minutes as duration'", "minutes"),
    "taxi": ("extract -q nyc_taxi/taxis_raw.csv | transform -q --seed SEED 'split test=0.2' 'derive minutes = (tpep_dropoff_datetime - "
             "tpep_pickup_datetime) / 60' 'drop tpep_dropoff_datetime' 'expect minutes > 0 and minutes < 180 else drop'", "minutes --allow-leak"),
}

GRID = ("C=0.01,0.05,0.1,0.2,0.4,0.8,1 kernel=linear,poly,rbf,sigmoid degree=2,3,4,5,10,15,20 max_iter=10,20,30,40,50,100")
# As a workshop had it: the scaler is fitted on all rows.
LOOP = """
import sys, warnings
import pandas as pd
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
warnings.filterwarnings("ignore")
rows = pd.read_csv(sys.argv[1])
x, y, split = StandardScaler().fit_transform(rows.drop(columns=["class", "split"])), rows["class"], rows["split"]
part = lambda name: (x[split == name], y[split == name])
best, found = 0, None
for c in (0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1):
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        for degree in (2, 3, 4, 5, 10, 15, 20):
            for max_iter in (10, 20, 30, 40, 50, 100):
                model = SVC(C=c, kernel=kernel, degree=degree, max_iter=max_iter).fit(*part("train"))
                score = model.score(*part("valid"))
                if score > best:
                    best, found = score, model
print(best, found.score(*part("test")))
"""


def shell(text, cwd=None):
    subprocess.run(["bash", "-o", "pipefail", "-c", text], check=True, cwd=cwd)


class Bench:
    def __init__(self, options):
        self.options = options
        os.makedirs(options.work, exist_ok=True)
        os.environ["PATH"] = os.path.abspath(options.bin) + ":" + os.environ["PATH"]

    def stream(self, table, seed):
        """The rows, and as CSV those to learn from and the others."""
        path = os.path.join(self.options.work, f"{table}-{seed}")
        if not os.path.exists(path + ".test.csv"):
            with open(os.path.join(self.options.work, "adult.rows"), "w", encoding="ascii") as rows:
                rows.writelines(f"{row}\n" for row in range(32561, 32561 + 16281))
            text = TABLES[table][0].replace("SEED", str(seed)).replace("WORK", self.options.work)
            shell(f"{text} >{path}.mp", self.options.data)
            shell(f"load -q --with split {path}.csv <{path}.mp")
            with open(path + ".csv", encoding="utf-8", newline="") as file:
                reader = csv.reader(file)
                head = next(reader)
                at = head.index("_split")
                parts = {"train": [], "test": []}
                for row in reader:
                    parts[row.pop(at)].append(row)
            head.pop(at)
            for part, rows in parts.items():
                with open(f"{path}.{part}.csv", "w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows([head, *rows])
        return path

    def ours(self, table, seed):
        path = self.stream(table, seed)
        begin = time.perf_counter()
        shell(f"tune {TABLES[table][1]} -q -j 2 --seed {seed} --budget {self.options.seconds}s -o {path}.model --leaderboard {path}.board {self.options.words} "
              f"<{path}.mp >{path}.out")
        seconds = time.perf_counter() - begin
        shell(f"evaluate -q <{path}.out | load -q {path}.scores.csv")
        shell(f"load -q {path}.board.csv <{path}.board")
        with open(path + ".scores.csv", encoding="utf-8", newline="") as file:
            found = {row["metric"]: float(row["value"]) for row in csv.DictReader(file) if row["split"] == "test" and not row.get("class") and row["value"]}
        with open(path + ".board.csv", encoding="utf-8", newline="") as file:
            board = list(csv.DictReader(file))
        score = [found["rmse"]] if "rmse" in found else [found["log_loss"], found["accuracy"]]
        return score, f"{board[0]['model']} {len(board)} {seconds:.0f}s"

    def theirs(self, table, seed):
        path = self.stream(table, seed)
        kept = f"{path}.flaml-{self.options.seconds}.json"
        if self.options.ours and not os.path.exists(kept):
            return None, ""
        if not self.options.ours or not os.path.exists(kept):
            told = subprocess.run([self.options.python, os.path.join(TOP, "scripts/reference/bench_flaml.py"), TABLES[table][1].split()[0], path + ".train.csv",
                                   path + ".test.csv", str(self.options.seconds), str(seed)], check=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True).stdout.split()
            with open(kept, "w", encoding="ascii") as file:
                json.dump(told, file)
        with open(kept, encoding="ascii") as file:
            told = json.load(file)
        return [float(value) for value in told[:-2]], " ".join(told[-2:])

    def wine(self):
        """Seconds and accuracy on valid and test rows, start-up included, of both in turn."""
        path = os.path.join(self.options.data, "uci_wine/wine_split.csv")
        times = {"ours": [], "theirs": []}
        if not os.path.exists(path):
            return
        for _ in range(self.options.seeds):
            begin = time.perf_counter()
            told = subprocess.run(["bash", "-o", "pipefail", "-c", f"extract -q {path} --types class=text | transform -q 'split from=split' 'scale :number' | "
                                   f"tune class -j 2 --metric accuracy --model svm {GRID} | evaluate -q | load -q -f csv --columns split,metric,class,value"],
                                  check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            times["ours"].append(time.perf_counter() - begin)
            if self.options.python:
                begin = time.perf_counter()
                loop = subprocess.run([self.options.python, "-c", LOOP, path], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
                times["theirs"].append(time.perf_counter() - begin)
        found = {line.split(",")[0]: float(line.split(",")[3]) for line in told.stdout.splitlines() if ",accuracy,," in line}
        ours, line = statistics.median(times["ours"]), " ".join(f"{name} {value:.4f}" for name, value in found.items())
        print(f"  wine        1,176 configurations of svm: ours {ours:.3f} s (accuracy: {line})", end="")
        if times["theirs"]:
            theirs = statistics.median(times["theirs"])
            print(f"   scikit-learn {theirs:.2f} s (valid {float(loop[0]):.4f} test {float(loop[1]):.4f})   {theirs / ours:.1f} times as long", end="")
        print(flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=os.path.join(TOP, "bin"))
    parser.add_argument("--python")
    parser.add_argument("--data", default=os.path.join(TOP, "../shared/data"))
    parser.add_argument("--work", default=os.path.join(TOP, "build/bench/tune"))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--words", default="")
    parser.add_argument("table", nargs="*")
    options = parser.parse_args()
    bench = Bench(options)
    has_flaml = bool(options.python) and subprocess.run([options.python, "-c", "import flaml"], stderr=subprocess.DEVNULL).returncode == 0
    if not has_flaml:
        print("  FLAML: skipped (peers/venv/bin/pip install flaml)")
    if not options.table or "wine" in options.table:
        bench.wine()
    for table in [name for name in options.table if name != "wine"] if options.table else TABLES:
        ratios = []
        for seed in range(1, options.seeds + 1):
            mine, who = bench.ours(table, seed)
            other, whose = bench.theirs(table, seed) if options.python and has_flaml else (None, "")
            line = f"  {table:<11} seed {seed}   ours {' '.join(f'{v:.5g}' for v in mine)} ({who})"
            if other:
                ratios.append(mine[0] / other[0])
                line += f"   FLAML {' '.join(f'{v:.5g}' for v in other)} ({whose})   {ratios[-1]:.4f}"
            print(line, flush=True)
        if ratios:
            print(f"  {table:<11} ratio of {'log loss' if len(mine) > 1 else 'RMSE'}: median {statistics.median(ratios):.4f}", flush=True)


main()
