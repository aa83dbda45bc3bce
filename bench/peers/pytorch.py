"""PyTorch on the CPU; the same request, data and answer as harness.mjs, whose twin this file is."""
import json
import os
import sys
import time

request = json.loads(sys.argv[1])
threads = request["threads"]
blas_threads = 1 if request["variant"] == "one BLAS thread" else threads
os.environ["OMP_NUM_THREADS"] = str(threads)
os.environ["MKL_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(blas_threads)

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(threads)
channels_last = request["variant"] == "channels last"
checked_steps = 5


def read_data(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
        tensors[name] = values.clone().reshape(entry["shape"])
    return tensors


class Attention(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)
        self.scale = width**-0.5

    def forward(self, x):
        scores = self.q(x) @ self.k(x).transpose(1, 2) * self.scale
        mixed = torch.softmax(scores, dim=-1) @ self.v(x)
        return self.head(self.norm(x + mixed).mean(dim=1))


def convolution(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3, padding=1)


def make(workload, dropped):
    if workload == "w1":
        return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    if workload == "w2":
        layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]
        return nn.Sequential(*layers)
    if workload == "w3":
        layers = [convolution(1, 16), nn.ReLU(), nn.MaxPool2d(2), convolution(16, 32), nn.ReLU(), nn.MaxPool2d(2)]
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(1568, 10))
    if workload == "w4":
        block = lambda inputs, outputs: [convolution(inputs, outputs), nn.BatchNorm2d(outputs), nn.ReLU()]
        layers = [*block(3, 32), *block(32, 32), nn.MaxPool2d(2), *block(32, 64), nn.MaxPool2d(2)]
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropped), nn.Linear(64, 10))
    return Attention()


def build(workload, tensors, dropped):
    model = make(workload, dropped)
    # parameters stand in the order of nnc's file: weight, bias, layer after layer
    given = [tensor for name, tensor in tensors.items() if not name.startswith("batches.")]
    with torch.no_grad():
        for parameter, tensor in zip(model.parameters(), given, strict=True):
            assert parameter.shape == tensor.shape, (parameter.shape, tensor.shape)
            parameter.copy_(tensor)
    batches = list(zip(tensors["batches.input"].unbind(), tensors["batches.target"].long().unbind()))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        batches = [(x.contiguous(memory_format=torch.channels_last), y) for x, y in batches]
    if workload in ("w1", "w3"):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(i):
        x, y = batches[i % len(batches)]
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def measure(step):
    taken = 0

    def run(length):
        nonlocal taken
        times = []
        begin = time.perf_counter()
        elapsed = 0.0
        while elapsed < 3 * length or not times:
            before = time.perf_counter()
            step(taken)
            taken += 1
            now = time.perf_counter()
            times.append(1000 * (now - before))
            elapsed = now - begin
            if elapsed >= length and len(times) >= 5:
                break
        return times

    run(request["warmUp"])
    times = sorted(run(request["seconds"]))
    at = lambda share: times[round(share * (len(times) - 1))]
    return {"median": at(0.5), "low": at(0.1), "high": at(0.9), "steps": len(times)}


def peak_megabytes(usage):
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return usage.ru_maxrss / 1024


def main():
    import resource

    try:
        workload = request["workload"]
        tensors = read_data(request["data"])
        losses = []
        if request["check"]:
            step = build(workload, tensors, 0.0)
            losses = [step(i) for i in range(checked_steps)]
        answer = {"version": torch.__version__, "losses": losses}
        answer.update(measure(build(workload, tensors, 0.5)))
    except Exception as error:
        if os.environ.get("PEERS_DEBUG"):
            raise
        answer = {"error": str(error)[:300]}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    answer["megabytes"] = peak_megabytes(usage)
    answer["cpuSeconds"] = usage.ru_utime + usage.ru_stime
    print(json.dumps(answer))


main()
