"""Convolution and pooling."""
import torch
import torch.nn.functional as F

from case import BATCH, draw, layer

CHANNELS = 4


def same(x, kernel, stride, dilation=1):
    """Pads so that the output has ceil(n / stride) positions, the odd one at the end."""
    pads = []
    for size in reversed(x.shape[2:]):
        total = max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def conv2d(name, text, x, kernel, compute, bias=True):
    """compute(x, W, b) for a Conv2d whose kernel has the given shape."""
    stored = {'conv2d_1.W': draw(*kernel), **({'conv2d_1.b': draw(kernel[0])} if bias else {})}
    return layer(name, text, {'x': x}, stored, lambda i, s: compute(i['x'], s['conv2d_1.W'], s.get('conv2d_1.b')))


def conv1d(name, text, kernel, compute, bias=True):
    """compute(x, W, b) with x as PyTorch has it, [batch, C, T]."""
    stored = {'conv1d_1.W': draw(*kernel), **({'conv1d_1.b': draw(kernel[0])} if bias else {})}
    return layer(name, text, {'x': draw(BATCH, 8, kernel[1])}, stored, lambda i, s: compute(
        i['x'].transpose(1, 2), s['conv1d_1.W'], s.get('conv1d_1.b')).transpose(1, 2))


def transposed(name, text, kernel, **options):
    stored = {'conv_transpose2d_1.W': draw(*kernel), 'conv_transpose2d_1.b': draw(kernel[1])}
    return layer(name, text, {'x': draw(BATCH, kernel[0], 3, 4)}, stored, lambda i, s: F.conv_transpose2d(
        i['x'], s['conv_transpose2d_1.W'], s['conv_transpose2d_1.b'], **options))


def pool(name, text, compute, shape=(2, 6, 7)):
    return layer(name, text, {'x': draw(BATCH, *shape)}, {}, lambda i, s: compute(i['x']))


def cases():
    image = draw(BATCH, 2, 6, 5)
    return [
        conv2d('Conv2d', 'Conv2d(4)', image, (4, 2, 3, 3), lambda x, W, b: F.conv2d(x, W, b)),
        conv2d('Conv2d padding = same', 'Conv2d(4, kernel = 3, padding = same)', image, (4, 2, 3, 3),
               lambda x, W, b: F.conv2d(x, W, b, padding='same')),
        conv2d('Conv2d even kernel, padding = same', 'Conv2d(4, kernel = 4, padding = same)', image, (4, 2, 4, 4),
               lambda x, W, b: F.conv2d(same(x, 4, 1), W, b)),
        conv2d('Conv2d stride 2, padding = same', 'Conv2d(4, stride = 2, padding = same)', image, (4, 2, 3, 3),
               lambda x, W, b: F.conv2d(same(x, 3, 2), W, b, stride=2)),
        conv2d('Conv2d stride 2, padding 1', 'Conv2d(4, stride = 2, padding = 1)', image, (4, 2, 3, 3),
               lambda x, W, b: F.conv2d(x, W, b, stride=2, padding=1)),
        conv2d('Conv2d of lists', 'Conv2d(4, kernel = [2, 3], stride = [1, 2], padding = [1, 0])', image, (4, 2, 2, 3),
               lambda x, W, b: F.conv2d(x, W, b, stride=(1, 2), padding=(1, 0))),
        conv2d('Conv2d dilation 2', 'Conv2d(4, dilation = 2, padding = same)', image, (4, 2, 3, 3),
               lambda x, W, b: F.conv2d(x, W, b, dilation=2, padding='same')),
        conv2d('Conv2d groups 2', 'Conv2d(6, groups = 2)', draw(BATCH, 4, 5, 5), (6, 2, 3, 3),
               lambda x, W, b: F.conv2d(x, W, b, groups=2)),
        conv2d('Conv2d depthwise', 'Conv2d(4, groups = 4, padding = same)', draw(BATCH, 4, 5, 5), (4, 1, 3, 3),
               lambda x, W, b: F.conv2d(x, W, b, groups=4, padding='same')),
        conv2d('Conv2d without bias', 'Conv2d(4, kernel = 1, bias = false)', image, (4, 2, 1, 1),
               lambda x, W, b: F.conv2d(x, W), bias=False),
        conv1d('Conv1d', 'Conv1d(4)', (4, 3, 3), F.conv1d),
        conv1d('Conv1d padding = same', 'Conv1d(4, padding = same)', (4, 3, 3),
               lambda x, W, b: F.conv1d(x, W, b, padding='same')),
        conv1d('Conv1d stride 2, padding 1, dilation 2', 'Conv1d(4, stride = 2, padding = 1, dilation = 2)', (4, 3, 3),
               lambda x, W, b: F.conv1d(x, W, b, stride=2, padding=1, dilation=2)),
        conv1d('Conv1d without bias', 'Conv1d(4, kernel = 2, bias = false)', (4, 3, 2),
               lambda x, W, b: F.conv1d(x, W), bias=False),
        transposed('ConvTranspose2d', 'ConvTranspose2d(3)', (2, 3, 3, 3)),
        transposed('ConvTranspose2d stride 2, padding 1', 'ConvTranspose2d(3, stride = 2, padding = 1)', (2, 3, 3, 3),
                   stride=2, padding=1),
        transposed('ConvTranspose2d of lists', 'ConvTranspose2d(3, kernel = [2, 3], stride = [2, 1], padding = [0, 1])',
                   (2, 3, 2, 3), stride=(2, 1), padding=(0, 1)),
        pool('MaxPool2d', 'MaxPool2d', lambda x: F.max_pool2d(x, 2)),
        pool('MaxPool2d window 3, stride 2, padding 1', 'MaxPool2d(3, stride = 2, padding = 1)',
             lambda x: F.max_pool2d(x, 3, 2, 1)),
        pool('MaxPool2d of lists', 'MaxPool2d([2, 3], stride = [1, 2])', lambda x: F.max_pool2d(x, (2, 3), (1, 2))),
        pool('AvgPool2d', 'AvgPool2d', lambda x: F.avg_pool2d(x, 2)),
        pool('AvgPool2d window 3, stride 2, padding 1', 'AvgPool2d(3, stride = 2, padding = 1)',
             lambda x: F.avg_pool2d(x, 3, 2, 1)),
        pool('MaxPool1d', 'MaxPool1d(2)', lambda x: F.max_pool1d(x.transpose(1, 2), 2).transpose(1, 2), (7, 3)),
        pool('MaxPool1d window 3, stride 1', 'MaxPool1d(3, stride = 1)',
             lambda x: F.max_pool1d(x.transpose(1, 2), 3, 1).transpose(1, 2), (7, 3)),
        pool('GlobalAvgPool', 'GlobalAvgPool', lambda x: x.mean(dim=(2, 3))),
        # torch.amax would share the gradient among equal elements; a pooling gives it to the first.
        pool('GlobalMaxPool', 'GlobalMaxPool', lambda x: F.adaptive_max_pool2d(x, 1)[:, :, 0, 0]),
    ]
