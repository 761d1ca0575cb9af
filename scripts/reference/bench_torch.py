#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A net by PyTorch on one thread, for scripts/bench: Linear and ReLU, Adam, mean squared error.

usage: bench_torch.py ROWS.csv HIDDEN BATCH EPOCHS      HIDDEN: 64x32; the last column is the target

Prints the seconds of processor time of the epochs behind the first, and the mean squared error over all rows at the end.
"""
import sys
import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(42)
rows = torch.from_numpy(np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, dtype=np.float32))
x, y = rows[:, :-1].contiguous(), rows[:, -1].contiguous()
widths = [x.shape[1], *map(int, sys.argv[2].split("x"))]
batch, epochs = int(sys.argv[3]), int(sys.argv[4])
layers = [part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.ReLU())]
net = nn.Sequential(*layers, nn.Linear(widths[-1], 1))
optimizer, loss_of = torch.optim.Adam(net.parameters(), 0.001), nn.MSELoss()
for epoch in range(epochs):
    if epoch == 1:
        begin = time.process_time()
    order = torch.randperm(len(x))
    for at in range(0, len(x), batch):
        taken = order[at:at + batch]
        optimizer.zero_grad()
        loss_of(net(x[taken])[:, 0], y[taken]).backward()
        optimizer.step()
seconds = time.process_time() - begin
with torch.no_grad():
    print(seconds, loss_of(net(x)[:, 0], y).item())
