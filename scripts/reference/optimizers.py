"""Optimizers: ten steps of a small regression, with another batch in each."""
import torch
import torch.nn.functional as F

from case import BATCH, draw, flat

STEPS = 10
SIZE, OUT = 3, 2


class Written(torch.optim.Optimizer):
    """An optimizer given as a formula: update(w, g, state, step) gives the new weight."""

    def __init__(self, parameters, update):
        super().__init__(parameters, {})
        self.update = update
        self.count = 0

    @torch.no_grad()
    def step(self):
        self.count += 1
        for group in self.param_groups:
            for weight in group['params']:
                weight.copy_(self.update(weight, weight.grad, self.state[weight], self.count))


def average(state, name, rate, value):
    state[name] = rate * state.get(name, torch.zeros_like(value)) + (1 - rate) * value
    return state[name]


def lion(lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    def update(w, g, state, step):
        before = state.get('m', torch.zeros_like(g))
        direction = torch.sign(beta1 * before + (1 - beta1) * g)
        state['m'] = beta2 * before + (1 - beta2) * g
        return w - lr * (direction + weight_decay * w)
    return update


def case(text, make):
    weights = {'linear_1.W': draw(OUT, SIZE), 'linear_1.b': draw(OUT)}
    W, b = (value.clone().requires_grad_() for value in weights.values())
    optimizer = make([W, b])
    steps = []
    for _ in range(STEPS):
        x, y = draw(BATCH, SIZE), draw(BATCH, OUT)
        loss = F.mse_loss(F.linear(x, W, b), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps.append({
            'inputs': {'x': flat(x), 'y': flat(y)},
            'loss': flat(loss)[0],
            'stored': {'linear_1.W': flat(W), 'linear_1.b': flat(b)},
        })
    source = (
        f'model Case {{\n  input x: [{SIZE}]\n  target y: [{OUT}]\n  net {{ Linear({OUT}) }}\n'
        f'  loss MSE\n  optimizer {text}\n}}\n'
    )
    return {'name': text, 'source': source, 'batch': BATCH,
            'stored': {key: flat(value) for key, value in weights.items()}, 'steps': steps}


def cases():
    optim = torch.optim
    return [
        case('SGD', lambda p: optim.SGD(p, lr=0.01)),
        case('SGD(lr = 0.1, momentum = 0.9)', lambda p: optim.SGD(p, lr=0.1, momentum=0.9)),
        case('SGD(lr = 0.1, momentum = 0.9, nesterov = true)',
             lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
        case('SGD(lr = 0.1, weight_decay = 0.1)', lambda p: optim.SGD(p, lr=0.1, weight_decay=0.1)),
        case('SGD(lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.1)',
             lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)),
        case('Adam', lambda p: optim.Adam(p)),
        case('Adam(lr = 0.05, beta1 = 0.8, beta2 = 0.95, eps = 1e-2)',
             lambda p: optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-2)),
        case('AdamW', lambda p: optim.AdamW(p)),
        case('AdamW(lr = 0.05, beta1 = 0.8, beta2 = 0.95, eps = 1e-2, weight_decay = 0.1)',
             lambda p: optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), eps=1e-2, weight_decay=0.1)),
        case('RMSProp', lambda p: optim.RMSprop(p)),
        case('RMSProp(lr = 0.05, alpha = 0.9, eps = 1e-3)',
             lambda p: optim.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-3)),
        case('Adagrad', lambda p: optim.Adagrad(p)),
        case('Adagrad(lr = 0.1, eps = 1e-3)', lambda p: optim.Adagrad(p, lr=0.1, eps=1e-3)),
        case('Lion', lambda p: Written(p, lion())),
        case('Lion(lr = 0.01, beta1 = 0.8, beta2 = 0.95, weight_decay = 0.1)',
             lambda p: Written(p, lion(0.01, 0.8, 0.95, 0.1))),
        case('Adam(lr = 0.05, weight_decay = 0.1)', lambda p: optim.Adam(p, lr=0.05, weight_decay=0.1)),
        case('RMSProp(lr = 0.05, momentum = 0.5, weight_decay = 0.1)',
             lambda p: optim.RMSprop(p, lr=0.05, momentum=0.5, weight_decay=0.1)),
        case('RMSProp(lr = 0.05, centered = true)', lambda p: optim.RMSprop(p, lr=0.05, centered=True)),
        case('Adagrad(lr = 0.1, weight_decay = 0.1)', lambda p: optim.Adagrad(p, lr=0.1, weight_decay=0.1)),
    ]
