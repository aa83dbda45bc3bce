"""Reference values from PyTorch for the standard library: test/fixtures/reference/*.json.

Run by hand, from the repository's root, with Debian's python3-torch; for all families, or for those that are named:

    /usr/bin/python3 scripts/reference/pytorch.py [FAMILY ...]

Everything is computed in float64. Each case holds a `.nn` model, the values of everything that it reads, and what PyTorch
makes of them: loss, outputs and all gradients; for optimizers the weights after each of ten steps. What PyTorch lacks, or
does by another convention, is written out in plain tensor operations here. test/std/reference.slow.test.ts compares.
"""
import json
import os
import sys

import torch

import activations
import convolution
import dense
import kinks
import losses
import normalization
import optimizers
import schedules
import sequence

torch.set_default_dtype(torch.float64)
torch.manual_seed(20)

FOLDER = os.path.join(os.path.dirname(__file__), '..', '..', 'test', 'fixtures', 'reference')
FAMILIES = {
    'activations': activations,
    'convolution': convolution,
    'dense': dense,
    'kinks': kinks,
    'losses': losses,
    'normalization': normalization,
    'optimizers': optimizers,
    'schedules': schedules,
    'sequence': sequence,
}

for name in sys.argv[1:] or FAMILIES:
    family = FAMILIES[name]
    # A seed for each family, so that a new case changes one file only.
    torch.manual_seed(20)
    cases = family.cases()
    with open(os.path.join(FOLDER, f'{name}.json'), 'w') as file:
        # A case a line: a change shows which case it is of.
        lines = ',\n'.join(json.dumps(case) for case in cases)
        file.write(f'{{"torch": "{torch.__version__}", "cases": [\n{lines}\n]}}\n')
    print(f'{name}: {len(cases)} cases')
