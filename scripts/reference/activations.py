"""Activations, element by element and along an axis."""
import torch
import torch.nn.functional as F

from case import BATCH, draw, layer


def cases():
    rows = [
        ('ReLU', F.relu),
        ('LeakyReLU', lambda x: F.leaky_relu(x, 0.01)),
        ('LeakyReLU(slope = 0.2)', lambda x: F.leaky_relu(x, 0.2)),
        ('ELU', F.elu),
        ('ELU(alpha = 0.7)', lambda x: F.elu(x, 0.7)),
        ('SELU', F.selu),
        ('SoftPlus', F.softplus),
        ('Sigmoid', torch.sigmoid),
        ('Tanh', torch.tanh),
        ('GELU', F.gelu),
        ('Swish', F.silu),
        ('Swish(beta = 1.5)', lambda x: x * torch.sigmoid(1.5 * x)),
        ('Mish', F.mish),
        ('Softmax', lambda x: F.softmax(x, dim=-1)),
        ('Softmax(axis = 0)', lambda x: F.softmax(x, dim=1)),
        ('LogSoftmax', lambda x: F.log_softmax(x, dim=-1)),
        ('LogSoftmax(axis = 0)', lambda x: F.log_softmax(x, dim=1)),
    ]
    return [
        layer(text, text, {'x': draw(BATCH, 4, 5, low=-3, high=3)}, {}, lambda i, s, f=function: f(i['x']))
        for text, function in rows
    ]
