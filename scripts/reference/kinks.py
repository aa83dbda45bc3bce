"""Where a gradient has no one value: every layer and loss at zero and at ties, and the functions that have a kink."""
import torch
import torch.nn.functional as F

import activations
import convolution
import dense
import losses
import normalization
import sequence
from case import BATCH, draw, drawing, layer

FAMILIES = [activations, convolution, dense, losses, normalization, sequence]


def function(text, compute):
    """compute(x, p) for a function of two tensors that are equal in places."""
    inputs = {'x': draw(BATCH, 4, 5), 'p': draw(BATCH, 4, 5)}
    return layer(text, f'output {text}', inputs, {}, lambda i, s: compute(i['x'], i['p']))


def functions():
    zero = torch.zeros(())
    return [
        # torch.maximum and torch.minimum share the gradient of equal operands; the language gives it to the first.
        function('max(x, p)', lambda x, p: torch.where(x >= p, x, p)),
        function('min(x, p)', lambda x, p: torch.where(x <= p, x, p)),
        function('max(p, x)', lambda x, p: torch.where(p >= x, p, x)),
        function('min(p, x)', lambda x, p: torch.where(p <= x, p, x)),
        function('max(x, 0) * p', lambda x, p: x.clamp(min=0) * p),
        function('min(x, 0) * p', lambda x, p: x.clamp(max=0) * p),
        function('max(0, x) * p', lambda x, p: torch.where(zero >= x, zero, x) * p),
        function('min(0, x) * p', lambda x, p: torch.where(zero <= x, zero, x) * p),
        function('min(max(x, -1), 1) * p', lambda x, p: x.clamp(-1, 1) * p),
        function('max(min(x, 1), -1) * p', lambda x, p: x.clamp(-1, 1) * p),
        function('relu(x) * p', lambda x, p: torch.relu(x) * p),
        function('abs(x - p)', lambda x, p: (x - p).abs()),
        function('sign(x) * p', lambda x, p: torch.sign(x) * p),
        function('floor(x) * p', lambda x, p: torch.floor(x) * p),
        function('where(x > p, x, p)', lambda x, p: torch.where(x > p, x, p)),
        function('where(x == p, x * x, p)', lambda x, p: torch.where(x == p, x * x, p)),
        function('x^2 * p', lambda x, p: x.pow(2) * p),
        function('x^0 * p', lambda x, p: x.pow(0) * p),
        function('x^1 * p', lambda x, p: x.pow(1) * p),
        function('max(x * p, axis = -1)', lambda x, p: (x * p).max(dim=-1).values),
        function('max(x * p, axis = 0)', lambda x, p: (x * p).max(dim=1).values),
        function('max(x * p, axis = [0, 1])', lambda x, p: (x * p).flatten(1).max(dim=-1).values),
        function('min(x * p, axis = -1)', lambda x, p: (x * p).min(dim=-1).values),
        function('argmax(x, axis = -1) * sum(p, axis = -1)',
                 lambda x, p: x.argmax(dim=-1) * p.sum(dim=-1)),
    ]


def cases():
    result = []
    for kind, words in [('tied', 'with ties'), ('equal', 'of equal values')]:
        with drawing(kind):
            for family in [*FAMILIES, None]:
                for case in functions() if family is None else family.cases():
                    result.append({**case, 'name': f'{case["name"]} {words}'})
    return result
