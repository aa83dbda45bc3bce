"""Layers over sequences [T, D]: attention and recurrence."""
import math

import torch
import torch.nn.functional as F

from case import BATCH, draw, layer


def projections(path, names, out, size):
    return {f'{path}.{name}.{part}': draw(*shape)
            for name in names for part, shape in (('W', (out, size)), ('b', (out,)))}


def project(x, s, path):
    return F.linear(x, s[f'{path}.W'], s[f'{path}.b'])


def self_attention(name, text, scale):
    path = 'self_attention_1'

    def compute(i, s):
        q, k, v = (project(i['x'], s, f'{path}.{part}') for part in 'qkv')
        return F.softmax(q @ k.transpose(1, 2) / scale, dim=-1) @ v

    return layer(name, text, {'x': draw(BATCH, 4, 3)}, projections(path, 'qkv', 5, 3), compute)


def multi_head(name, text, causal):
    path = 'multi_head_attention_1'
    names = ['q', 'k', 'v', 'linear_1']

    def compute(i, s):
        x = i['x'].transpose(0, 1)
        weights = torch.cat([s[f'{path}.{part}.W'] for part in 'qkv'])
        biases = torch.cat([s[f'{path}.{part}.b'] for part in 'qkv'])
        mask = torch.triu(torch.ones(5, 5, dtype=torch.bool), diagonal=1) if causal else None
        result, _ = F.multi_head_attention_forward(
            x, x, x, 6, 2, weights, biases, None, None, False, 0.0, s[f'{path}.linear_1.W'], s[f'{path}.linear_1.b'],
            attn_mask=mask)
        return result.transpose(0, 1)

    return layer(name, text, {'x': draw(BATCH, 5, 6)}, projections(path, names, 6, 6), compute)


def recurrent(name, text, path, module, rows, second_bias):
    hidden, size = 4, 3
    stored = {f'{path}.W': draw(rows * hidden, size), f'{path}.U': draw(rows * hidden, hidden),
              f'{path}.b': draw(rows * hidden), **({f'{path}.c': draw(rows * hidden)} if second_bias else {})}

    def compute(i, s):
        zero = torch.zeros(rows * hidden)
        weights = [s[f'{path}.W'], s[f'{path}.U'], s[f'{path}.b'], s.get(f'{path}.c', zero)]
        cell = module(size, hidden, batch_first=True)
        for own, value in zip(['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'], weights):
            delattr(cell, own)
            setattr(cell, own, value)
        cell._flat_weights = weights
        return cell(i['x'])[0]

    return layer(name, text, {'x': draw(BATCH, 5, size)}, stored, compute)


def encoding(length, size):
    position = torch.arange(length)[:, None]
    rate = torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
    result = torch.zeros(length, size)
    result[:, 0::2] = torch.sin(position * rate)
    result[:, 1::2] = torch.cos(position * rate)
    return result


def cases():
    return [
        layer('Attention', 'output Attention(x, query)', {'x': draw(BATCH, 4, 3), 'query': draw(BATCH, 3)}, {},
              lambda i, s: (F.softmax((i['x'] @ i['query'][:, :, None])[:, :, 0], dim=-1)[:, None, :] @ i['x'])[:, 0]),
        self_attention('SelfAttention', 'SelfAttention(5)', math.sqrt(5)),
        self_attention('SelfAttention scale = none', 'SelfAttention(5, scale = none)', 1.0),
        self_attention('SelfAttention scale', 'SelfAttention(5, scale = 3)', 3.0),
        multi_head('MultiHeadAttention', 'MultiHeadAttention(heads = 2, dim = 6)', False),
        multi_head('MultiHeadAttention causal', 'MultiHeadAttention(heads = 2, dim = 6, causal = true)', True),
        layer('PositionalEncoding', 'PositionalEncoding', {'x': draw(BATCH, 5, 6)}, {},
              lambda i, s: i['x'] + encoding(5, 6)),
        recurrent('RNN', 'RNN(4)', 'rnn_1', torch.nn.RNN, 1, False),
        recurrent('LSTM', 'LSTM(4)', 'lstm_1', torch.nn.LSTM, 4, False),
        recurrent('GRU', 'GRU(4)', 'gru_1', torch.nn.GRU, 3, True),
        layer('Last', 'Last', {'x': draw(BATCH, 5, 3)}, {}, lambda i, s: i['x'][:, -1]),
        layer('Last of numbers', 'Last', {'x': draw(BATCH, 5)}, {}, lambda i, s: i['x'][:, -1]),
        layer('MeanOverTime', 'MeanOverTime', {'x': draw(BATCH, 5, 3)}, {}, lambda i, s: i['x'].mean(dim=1)),
        layer('MeanOverTime of pictures', 'MeanOverTime', {'x': draw(BATCH, 4, 2, 3)}, {}, lambda i, s: i['x'].mean(dim=1)),
    ]
