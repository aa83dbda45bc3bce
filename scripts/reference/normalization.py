"""Normalization, and dropout where nothing is random."""
import torch
import torch.nn.functional as F

from case import BATCH, draw, layer


def batch_norm(name, text, shape, training, affine=True, momentum=0.9, eps=1e-5):
    path = 'batch_norm_1'
    channels = shape[0]
    stored = {f'{path}.gain': draw(channels), f'{path}.bias': draw(channels)} if affine else {}
    buffers = {f'{path}.running_mean': draw(channels), f'{path}.running_var': draw(channels, low=0.5, high=2)}

    def compute(i, s, state):
        # PyTorch's momentum is the share of the new value.
        return F.batch_norm(i['x'], state[f'{path}.running_mean'], state[f'{path}.running_var'], s.get(f'{path}.gain'),
                            s.get(f'{path}.bias'), training=training, momentum=1 - momentum, eps=eps)

    return layer(name, text, {'x': draw(BATCH, *shape)}, stored, compute, training=training, buffers=buffers)


def cases():
    gain_and_bias = lambda path, count: {f'{path}.gain': draw(count), f'{path}.bias': draw(count)}
    return [
        batch_norm('BatchNorm of features', 'BatchNorm', (4,), True),
        batch_norm('BatchNorm of images', 'BatchNorm', (2, 3, 2), True),
        batch_norm('BatchNorm without affine', 'BatchNorm(affine = false, momentum = 0.8, eps = 1e-3)', (2, 3, 2), True,
                   affine=False, momentum=0.8, eps=1e-3),
        batch_norm('BatchNorm of features, inference', 'BatchNorm', (4,), False),
        batch_norm('BatchNorm of images, inference', 'BatchNorm', (2, 3, 2), False),
        layer('LayerNorm', 'LayerNorm', {'x': draw(BATCH, 2, 5)}, gain_and_bias('layer_norm_1', 5),
              lambda i, s: F.layer_norm(i['x'], (5,), s['layer_norm_1.gain'], s['layer_norm_1.bias'])),
        layer('LayerNorm eps', 'LayerNorm(eps = 1e-2)', {'x': draw(BATCH, 5)}, gain_and_bias('layer_norm_1', 5),
              lambda i, s: F.layer_norm(i['x'], (5,), s['layer_norm_1.gain'], s['layer_norm_1.bias'], 1e-2)),
        layer('GroupNorm', 'GroupNorm(2)', {'x': draw(BATCH, 4, 3, 2)}, gain_and_bias('group_norm_1', 4),
              lambda i, s: F.group_norm(i['x'], 2, s['group_norm_1.gain'], s['group_norm_1.bias'])),
        layer('RMSNorm', 'RMSNorm', {'x': draw(BATCH, 2, 5)}, {'rms_norm_1.gain': draw(5)},
              lambda i, s: i['x'] * torch.rsqrt(i['x'].pow(2).mean(-1, keepdim=True) + 1e-6) * s['rms_norm_1.gain']),
        layer('Dropout of nothing', 'Dropout(0)', {'x': draw(BATCH, 5)}, {}, lambda i, s: i['x'].clone()),
        layer('Dropout, inference', 'Dropout(0.4)', {'x': draw(BATCH, 5)}, {}, lambda i, s: i['x'].clone(),
              training=False),
        layer('Dropout classic, inference', 'Dropout(0.4, kind = classic)', {'x': draw(BATCH, 5)}, {},
              lambda i, s: 0.6 * i['x'], training=False),
    ]
