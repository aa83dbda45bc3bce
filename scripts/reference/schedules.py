"""Schedules: the factor of the learning rate at each of twelve steps."""
import math

import torch
from torch.optim import lr_scheduler

from case import flat

STEPS = 12


def case(text, make):
    """make(optimizer) is a scheduler of PyTorch for a learning rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    factors = []
    for _ in range(STEPS):
        factors.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        if len(factors) < STEPS:
            scheduler.step()
    source = (
        'loss Down (y: [1], t: [1]) = sum(y + 0 * t)\n\n'
        'model Case {\n  input x: [1]\n  target t: [1]\n  net { Linear(1, bias = false) }\n'
        f'  loss Down\n  optimizer SGD(lr = 1)\n  schedule {text}\n}}\n'
    )
    return {'name': text, 'source': source, 'steps': STEPS, 'factors': flat(torch.tensor(factors))}


def written(factor):
    """A scheduler given as a formula of the step, counted from 1."""
    return lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda count: factor(count + 1))


def warm_cosine(step, warmup, least):
    if step <= warmup:
        return step / warmup
    progress = (step - 1 - warmup) / (STEPS - warmup)
    return least + (1 - least) * 0.5 * (1 + math.cos(math.pi * progress))


def cases():
    return [
        case('Constant', written(lambda step: 1)),
        case('Constant(warmup = 4)', written(lambda step: min(step / 4, 1))),
        case('Step(every = 5)', lambda o: lr_scheduler.StepLR(o, 5, 0.1)),
        case('Step(every = 3, gamma = 0.5)', lambda o: lr_scheduler.StepLR(o, 3, 0.5)),
        case('Exponential(gamma = 0.8)', lambda o: lr_scheduler.ExponentialLR(o, 0.8)),
        case('Cosine', lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS)),
        case('Cosine(least = 0.2)', lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.2)),
        case('Cosine(warmup = 4, least = 0.1)', written(lambda step: warm_cosine(step, 4, 0.1))),
        case('OneCycle', lambda o: lr_scheduler.OneCycleLR(o, 1.0, STEPS, cycle_momentum=False)),
        case('OneCycle(rise = 0.5, start = 0.1, end = 0.01)', lambda o: lr_scheduler.OneCycleLR(
            o, 1.0, STEPS, pct_start=0.5, div_factor=10, final_div_factor=10, cycle_momentum=False)),
        case('RangeTest(start = 0.01, end = 2)', written(lambda step: 0.01 * 200 ** ((step - 1) / (STEPS - 1)))),
    ]
