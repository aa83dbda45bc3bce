"""Dense layers and layers that only change the shape."""
import torch
import torch.nn.functional as F

from case import BATCH, draw, layer


def cases():
    ids = torch.tensor([[0, 3, 3, 1], [2, 6, 0, 5], [4, 4, 4, 6]])
    weights = {'linear_1.W': draw(5, 4), 'linear_1.b': draw(5)}
    return [
        layer('Linear', 'Linear(5)', {'x': draw(BATCH, 4)}, weights,
              lambda i, s: F.linear(i['x'], s['linear_1.W'], s['linear_1.b'])),
        layer('Linear of a sequence', 'Linear(5)', {'x': draw(BATCH, 2, 3, 4)}, weights,
              lambda i, s: F.linear(i['x'], s['linear_1.W'], s['linear_1.b'])),
        layer('Linear without bias', 'Linear(5, bias = false)', {'x': draw(BATCH, 4)}, {'linear_1.W': draw(5, 4)},
              lambda i, s: F.linear(i['x'], s['linear_1.W'])),
        layer('Flatten', 'Flatten', {'x': draw(BATCH, 2, 3, 2)}, {}, lambda i, s: torch.flatten(i['x'], 1)),
        layer('Reshape', 'Reshape([3, 4])', {'x': draw(BATCH, 2, 6)}, {}, lambda i, s: i['x'].reshape(-1, 3, 4)),
        layer('Identity', 'Identity', {'x': draw(BATCH, 2, 3)}, {}, lambda i, s: i['x'].clone()),
        layer('Embedding', 'Embedding(7, 3)', {'ids': ids}, {'embedding_1.W': draw(7, 3)},
              lambda i, s: F.embedding(i['ids'], s['embedding_1.W']), kinds={'ids': 'int(7)[4]'}),
        layer('Scaling', 'Scaling', {'x': draw(BATCH, 4, 2, 3)}, {'scaling_1.gain': draw(4), 'scaling_1.bias': draw(4)},
              lambda i, s: s['scaling_1.gain'][:, None, None] * i['x'] + s['scaling_1.bias'][:, None, None]),
        layer('Residual', 'Residual(Linear(4) -> Tanh)', {'x': draw(BATCH, 4)},
              {'residual_1.linear_1.W': draw(4, 4), 'residual_1.linear_1.b': draw(4)},
              lambda i, s: i['x'] + torch.tanh(
                  F.linear(i['x'], s['residual_1.linear_1.W'], s['residual_1.linear_1.b']))),
    ]
