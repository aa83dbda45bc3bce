"""State dictionaries of PyTorch modules, with what the modules compute: test/fixtures/reference/state-dicts/.

Run by hand, from the repository's root, with PyTorch (no other package is needed):

    python3 scripts/reference/state_dicts.py

Each NAME.safetensors holds a module's state_dict() in float32; outputs.json has, by name, the module's input and its output
in evaluation mode. The format is written here by hand after its specification. test/export/safetensors compares.
"""
import json
import os
import struct

import torch
from torch import nn

torch.manual_seed(21)

FOLDER = os.path.join(os.path.dirname(__file__), '..', '..', 'test', 'fixtures', 'reference', 'state-dicts')


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 6, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.groups = nn.GroupNorm(3, 6)
        self.up = nn.ConvTranspose2d(6, 3, 2, stride=2)
        self.fc = nn.Linear(3 * 6 * 6, 4)

    def forward(self, x):
        x = torch.relu(self.groups(self.norm(self.conv(x))))
        return self.fc(torch.flatten(self.up(x), 1))


class Sequences(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.lstm = nn.LSTM(4, 5, batch_first=True)
        self.gru = nn.GRU(5, 3, batch_first=True)
        self.rnn = nn.RNN(3, 6, batch_first=True)
        self.norm = nn.LayerNorm(6)
        self.conv = nn.Conv1d(6, 2, 3)

    def forward(self, ids):
        x = self.rnn(self.gru(self.lstm(self.embedding(ids))[0])[0])[0]
        return self.conv(self.norm(x).transpose(1, 2)).transpose(1, 2)


class Attends(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


DTYPES = {torch.float32: ('F32', 'f'), torch.int64: ('I64', 'q')}


def write_safetensors(path, tensors):
    header, body = {}, b''
    for name, tensor in tensors.items():
        dtype, letter = DTYPES[tensor.dtype]
        values = tensor.flatten().tolist()
        data = struct.pack(f'<{len(values)}{letter}', *values)
        header[name] = {'dtype': dtype, 'shape': list(tensor.shape), 'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + body)


CASES = {
    'pictures': (Pictures(), torch.randn(3, 2, 6, 6)),
    'sequences': (Sequences(), torch.randint(0, 7, (3, 5))),
    'attends': (Attends(), torch.randn(3, 4, 6)),
    'sequential': (nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)), torch.randn(3, 3)),
}

os.makedirs(FOLDER, exist_ok=True)
outputs = {}
with torch.no_grad():
    for name, (module, given) in CASES.items():
        for parameter in module.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        for key, buffer in module.named_buffers():
            if buffer.dtype == torch.float32:
                buffer.copy_(0.5 + torch.rand_like(buffer))
        module.eval()
        result = module(given)
        write_safetensors(os.path.join(FOLDER, f'{name}.safetensors'), module.state_dict())
        outputs[name] = {
            'input': given.flatten().tolist(),
            'output': result.flatten().tolist(),
            'shape': list(result.shape),
        }
with open(os.path.join(FOLDER, 'outputs.json'), 'w') as file:
    json.dump(outputs, file, indent=1)
    file.write('\n')
