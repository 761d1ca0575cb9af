#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The first ten losses of each optimizer, schedule, norm and activation by PyTorch, for tests/unit/test_mlp_torch.c.

usage: mlp_torch.py >losses      one line a case, as the test's table has it

The rows are sines; the weights come from torch.manual_seed(7), as those of the family come from seed 7; all rows are one batch.
"""
import math

import torch
from torch import nn, optim
from torch.optim import lr_scheduler as rates

N, P, EPOCHS = 40, 4, 10
X = torch.tensor([[2 * math.sin(1.3 * i + 2.1 * j) for j in range(P)] for i in range(N)], dtype=torch.float32)
Y = torch.tensor([2 * math.sin(1.3 * i) + 3 * math.sin(1.3 * i + 2.1) * math.sin(1.3 * i + 4.2) for i in range(N)], dtype=torch.float32)


def warm_cosine(optimizer):
    warm = rates.LinearLR(optimizer, 1 / 3, 1, 2)
    return rates.SequentialLR(optimizer, [warm, rates.CosineAnnealingLR(optimizer, EPOCHS - 3)], [3])


def sgd(p):
    return optim.SGD(p, 0.05)


CASES = [
    # parameters of the family, classes, optimizer, scheduler, norm, activation, smoothing, clip
    ("optimizer=sgd lr=0.05", 0, sgd),
    ("optimizer=sgd lr=0.05 momentum=0.9", 0, lambda p: optim.SGD(p, 0.05, 0.9)),
    ("optimizer=sgd lr=0.05 momentum=0.9 nesterov=yes weight_decay=0.1", 0,
     lambda p: optim.SGD(p, 0.05, 0.9, nesterov=True, weight_decay=0.1)),
    ("optimizer=adam lr=0.05 weight_decay=0.1", 0, lambda p: optim.Adam(p, 0.05, weight_decay=0.1)),
    ("optimizer=adamw lr=0.05 weight_decay=0.1", 0, lambda p: optim.AdamW(p, 0.05, weight_decay=0.1)),
    ("optimizer=rmsprop lr=0.01 weight_decay=0.1", 0, lambda p: optim.RMSprop(p, 0.01, weight_decay=0.1)),
    ("optimizer=rmsprop lr=0.01 momentum=0.5", 0, lambda p: optim.RMSprop(p, 0.01, momentum=0.5)),
    ("optimizer=adagrad lr=0.05 weight_decay=0.1", 0, lambda p: optim.Adagrad(p, 0.05, weight_decay=0.1)),
    ("optimizer=sgd lr=0.05 clip=0.2", 0, sgd, None, None, nn.ReLU, 0, 0.2),
    ("optimizer=sgd lr=0.05 schedule=step step=3 gamma=0.5", 0, sgd, lambda o: rates.StepLR(o, 3, 0.5)),
    ("optimizer=sgd lr=0.05 schedule=cosine", 0, sgd, lambda o: rates.CosineAnnealingLR(o, EPOCHS)),
    ("optimizer=sgd lr=0.9 schedule=plateau step=1 gamma=0.3", 0, lambda p: optim.SGD(p, 0.9),
     lambda o: rates.ReduceLROnPlateau(o, factor=0.3, patience=1)),
    ("optimizer=sgd lr=0.05 schedule=onecycle", 0, sgd,
     lambda o: rates.OneCycleLR(o, 0.05, total_steps=EPOCHS, cycle_momentum=False)),
    ("optimizer=sgd lr=0.05 warmup=3 schedule=cosine", 0, sgd, warm_cosine),
    ("optimizer=sgd lr=0.05 norm=batch", 0, sgd, None, nn.BatchNorm1d),
    ("optimizer=adamw lr=0.05 norm=layer weight_decay=0.1", 0, lambda p: optim.AdamW(p, 0.05, weight_decay=0.1), None, nn.LayerNorm),
    ("optimizer=sgd lr=0.05 activation=gelu norm=batch", 0, sgd, None, nn.BatchNorm1d, nn.GELU),
    ("optimizer=sgd lr=0.05 activation=silu", 0, sgd, None, None, nn.SiLU),
    ("optimizer=sgd lr=0.5 activation=softmax", 0, lambda p: optim.SGD(p, 0.5), None, None, lambda: nn.Softmax(dim=1)),
    ("optimizer=sgd lr=0.05 activation=tanh norm=layer", 0, sgd, None, nn.LayerNorm, nn.Tanh),
    ("optimizer=sgd lr=0.05 label_smoothing=0.2", 3, sgd, None, None, nn.ReLU, 0.2),
    ("optimizer=sgd lr=0.05 label_smoothing=0.2 loss=crossentropy", 2, sgd, None, None, nn.ReLU, 0.2),
]


def losses(classes, make, schedule=None, norm=None, activation=nn.ReLU, smoothing=0, clip=0):
    torch.manual_seed(7)
    linears = [nn.Linear(P, 9), nn.Linear(9, 6), nn.Linear(6, classes or 1)]
    layers = []
    for i, linear in enumerate(linears):
        layers.append(linear)
        if i < 2:
            layers += ([norm(linear.out_features)] if norm else []) + [activation()]
    net = nn.Sequential(*layers)
    loss_of = nn.CrossEntropyLoss(label_smoothing=smoothing) if classes else nn.MSELoss()
    y = torch.arange(N) % classes if classes else Y
    optimizer = make(net.parameters())
    scheduler = schedule(optimizer) if schedule else None
    told = []
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        out = net(X)
        loss = loss_of(out if classes else out[:, 0], y)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
        told.append(loss.item())
        if scheduler:
            scheduler.step(*([loss.item()] if isinstance(scheduler, rates.ReduceLROnPlateau) else []))
    net.eval()
    out = net(X)
    return told, (torch.softmax(out, 1) if classes else out)[0, 0].item()


def rate_lists():
    """Rates of 12 updates, 3 an epoch."""
    optimizer = sgd([nn.Parameter(torch.zeros(1))])
    cycle = rates.OneCycleLR(optimizer, 1, epochs=4, steps_per_epoch=3, cycle_momentum=False)
    told = []
    for _ in range(12):
        told.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(told) < 12:
            cycle.step()
    return told


print(f"/* PyTorch {torch.__version__} */")
for words, classes, *how in CASES:
    told, last = losses(classes, *how)
    print(f'\t{{ "{words}", {classes},\n\t  {{ ' + ", ".join(f"{x:.7g}" for x in told) + f" }}, {last:.7g} }},")
print("/* OneCycleLR, max_lr=1, 3 steps an epoch, 4 epochs */")
print("\t" + ", ".join(f"{x:.9g}" for x in rate_lists()))
