"""How a reference case is made: a model's text, values for all that it reads, and what PyTorch computes of them."""
from contextlib import contextmanager

import torch

BATCH = 3

# What `draw` gives: distinct values, values of which many are equal, or one value everywhere.
drawn = 'distinct'


@contextmanager
def drawing(kind):
    """Has `draw` give values of another kind: 'distinct', 'tied' or 'equal'."""
    global drawn
    before, drawn = drawn, kind
    try:
        yield
    finally:
        drawn = before


def draw(*shape, low=-1.5, high=1.5):
    """The values of a case between two bounds: distinct ones, unless `drawing` says otherwise."""
    if drawn == 'distinct':
        return distinct(*shape, low=low, high=high)
    # Multiples of a half: their sums and differences are exact, so that a tie is one in float32 and float64.
    steps = torch.arange(-20, 21) / 2
    grid = steps[(steps >= low) & (steps <= high)]
    if drawn == 'tied':
        return grid[torch.randint(len(grid), shape)]
    return torch.full(shape, float(grid[grid.abs().argmin()]))


def distinct(*shape, low=-1.5, high=1.5):
    """Uniform values; those of one tensor are distinct, and none is near zero, where some layers have a kink."""
    count = 1
    for size in shape:
        count *= size
    # A shuffled grid with a little noise: no two values are closer than half a cell.
    grid = (torch.randperm(count) + 0.25 + 0.5 * torch.rand(count)) / count
    values = low + (high - low) * grid
    values = torch.where(values.abs() < 1e-2, values + 2e-2, values)
    # What is written down is what is computed with.
    return torch.tensor(flat(values)).reshape(shape)


def flat(tensor):
    """A tensor as a flat list, to 12 digits."""
    return [float(f'{value:.12g}') for value in tensor.detach().double().reshape(-1).tolist()]


def shape_text(shape):
    return '[' + ', '.join(str(size) for size in shape) + ']'


def leaves(tensors):
    return {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}


def gradient_of(tensor):
    return flat(torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)


def layer(name, net, inputs, stored, compute, training=True, declarations='', kinds=None, buffers=None, constants=None):
    """A layer under a loss that weighs every element of its output.

    inputs: tensors with the batch first; the first one enters the net. stored: parameters by path. compute(inputs, stored) gives
    the output, with the batch first. kinds: types of inputs that are not real, by name. buffers: buffers before the step, by path,
    which compute(inputs, stored, buffers) may change; what they are afterwards is a part of the case.
    """
    kinds = kinds or {}
    real = leaves({key: value for key, value in inputs.items() if key not in kinds})
    given = {key: real.get(key, value) for key, value in inputs.items()}
    parameters = leaves(stored)
    state = None if buffers is None else {key: value.clone() for key, value in buffers.items()}
    output = compute(given, parameters) if state is None else compute(given, parameters, state)
    weights = distinct(*output.shape, low=-1, high=1)
    loss = (output * weights).sum() / output.shape[0]
    loss.backward()
    ports = ''.join(
        f'  input {key}: {kinds.get(key) or shape_text(value.shape[1:])}\n' for key, value in inputs.items()
    )
    body = net if net.startswith('output ') else f'net {{ {net} }}'
    source = (
        f'{declarations}loss Weighed (y: [...], w: [...]) = sum(y * w)\n\n'
        f'model Case {{\n{ports}  target w: {shape_text(output.shape[1:])}\n  {body}\n'
        '  loss Weighed\n  optimizer SGD\n}\n'
    )
    result = {
        'name': name,
        'source': source,
        'batch': output.shape[0],
        'training': training,
        'inputs': {**{key: flat(value) for key, value in inputs.items()}, 'w': flat(weights)},
        'stored': {key: flat(value) for key, value in {**stored, **(buffers or {}), **(constants or {})}.items()},
        'loss': flat(loss)[0],
        'outputs': {'output': flat(output)},
        'gradients': {
            'params': {key: gradient_of(value) for key, value in parameters.items()},
            'inputs': {key: gradient_of(value) for key, value in real.items()},
        },
    }
    if state is not None and training:
        result['buffers'] = {key: flat(value) for key, value in state.items()}
    return result


def loss(name, text, y, target, kind, compute):
    """A loss of the model's input itself. compute(y, target) is the mean over the batch."""
    value = y.clone().requires_grad_()
    result = compute(value, target)
    result.backward()
    source = (
        f'model Case {{\n  input y: {shape_text(y.shape[1:])}\n  target t: {kind or shape_text(target.shape[1:])}\n'
        f'  net {{ Identity }}\n  loss {text}\n  optimizer SGD\n}}\n'
    )
    return {
        'name': name,
        'source': source,
        'batch': y.shape[0],
        'training': True,
        'inputs': {'y': flat(y), 't': flat(target)},
        'stored': {},
        'loss': flat(result)[0],
        'outputs': {'output': flat(y)},
        'gradients': {'params': {}, 'inputs': {'y': gradient_of(value)}},
    }
