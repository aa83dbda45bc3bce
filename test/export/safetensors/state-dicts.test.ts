// State dictionaries that PyTorch made (scripts/reference/state_dicts.py): read, run, compared with what PyTorch computed, and
// written again under the same names.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { matchWeights } from '../../../src/export/safetensors/match-weights.ts';
import { parseNameMap } from '../../../src/export/safetensors/name-map.ts';
import { foreignTensors, namingRules } from '../../../src/export/safetensors/pytorch-names.ts';
import { writeForeignWeights, writeOwnWeights } from '../../../src/export/safetensors/write-weights.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { initialize } from '../../../src/runtime/initialize.ts';
import { readSafetensors, writeSafetensors } from '../../../src/runtime/safetensors.ts';
import { toFloat32 } from '../../../src/runtime/safetensors-dtypes.ts';

const folder = new URL('../../fixtures/reference/state-dicts/', import.meta.url);
const file = (name: string) => readFileSync(fileURLToPath(new URL(`${name}.safetensors`, folder)));
const outputs = JSON.parse(readFileSync(fileURLToPath(new URL('outputs.json', folder)), 'utf8')) as {
  [name: string]: { input: number[]; output: number[]; shape: number[] };
};

const model = (input: string, body: string) => `model M {
  input ${input}
  target y: [1]
  ${body}
  loss MSE(flatten(output) -> slice(axis = 0, start = 0, end = 1), y)
  optimizer Adam(lr = 0.1)
}`;

const models = {
  pictures: model(
    'x: [2, 6, 6]',
    `let conv = Conv2d(6, kernel = 3, stride = 2, padding = 1),  norm = BatchNorm,  groups = GroupNorm(3)
  let up = ConvTranspose2d(3, kernel = 2, stride = 2),  fc = Linear(4)
  output output = x -> conv -> norm -> groups -> ReLU -> up -> Flatten -> fc`,
  ),
  sequences: model(
    'x: int(7)[5]',
    `let embedding = Embedding(7, 4),  lstm = LSTM(5),  gru = GRU(3),  rnn = RNN(6)
  let norm = LayerNorm,  conv = Conv1d(2, kernel = 3)
  output output = x -> embedding -> lstm -> gru -> rnn -> norm -> conv`,
  ),
  attends: model('x: [4, 6]', 'let attention = MultiHeadAttention(2, 6)\n  output output = attention(x)'),
  sequential: model('x: [3]', 'output output = x -> Linear(4) -> ReLU -> Linear(4) -> ReLU -> Linear(2)'),
};

type Name = keyof typeof models;

function compiled(name: Name) {
  const compilation = compile(
    { path: `${name}.nn`, text: models[name], library: false },
    { batch: 3, programs: ['forward'] },
  );
  return {
    compilation,
    wanted: foreignTensors(compilation.elaborated.layers, compilation.specification.stored),
  };
}

const names: readonly Name[] = ['pictures', 'sequences', 'attends', 'sequential'];
const maps = new Map<Name, ReadonlyMap<string, string>>([
  [
    'sequential',
    new Map([
      ['0', 'linear_1'],
      ['2', 'linear_2'],
      ['4', 'linear_3'],
    ]),
  ],
]);

describe.each(names)('%s', (name) => {
  const { compilation, wanted } = compiled(name);
  const weights = matchWeights('w', file(name), wanted, maps.get(name) ?? new Map());

  test('computes what PyTorch did', () => {
    const { specification, programs } = compilation;
    const kernels = programs.get('forward')?.kernels;
    if (!kernels) throw new Error('no program');
    const stored = new Map(
      specification.stored.map((tensor) => [tensor.path, weights.get(tensor.path) ?? initialize(tensor, 1)]),
    );
    const { input, output, shape } = outputs[name] ?? { input: [], output: [], shape: [] };
    const found = interpret(kernels, { inputs: new Map([['x', input]]), stored }).outputs.get(
      'output.output',
    );
    expect([3, ...(specification.outputs[0]?.shape ?? [])]).toEqual(shape);
    expect(found).toHaveLength(output.length);
    found?.forEach((value, i) => expect(value).toBeCloseTo(output[i] ?? NaN, 5));
  });

  test('is written under the names and shapes that it was read from', () => {
    const { tensors, metadata } = readSafetensors(writeForeignWeights(wanted, weights));
    const original = readSafetensors(file(name)).tensors;
    expect(metadata.get('format')).toBe('pt');
    if (maps.has(name)) return;
    expect([...tensors.keys()].sort()).toEqual([...original.keys()].sort());
    for (const [key, { shape }] of tensors) expect([key, shape]).toEqual([key, original.get(key)?.shape]);
    const again = matchWeights('w', writeForeignWeights(wanted, weights), wanted, new Map());
    expect([...again]).toEqual([...weights]);
  });

  test("goes out and in again under the model's own names", () => {
    const bytes = writeOwnWeights(compilation.specification.stored, weights);
    expect([...matchWeights('w', bytes, wanted, new Map())].sort()).toEqual([...weights].sort());
  });
});

test('weights are those of the file, bias sums aside', () => {
  const { wanted } = compiled('sequences');
  const weights = matchWeights('w', file('sequences'), wanted, new Map());
  const { tensors } = readSafetensors(file('sequences'));
  const of = (name: string) => {
    const view = tensors.get(name);
    if (!view) throw new Error(name);
    return toFloat32(name, view);
  };
  expect(weights.get('gru.c')).toEqual(of('gru.bias_hh_l0'));
  const [a, b] = [of('lstm.bias_ih_l0'), of('lstm.bias_hh_l0')];
  expect(weights.get('lstm.b')).toEqual(a.map((value, i) => value + (b[i] ?? 0)));
});

function argumentsOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof DiagnosticError)
      return error.diagnostics[0]?.args as { problems: string; help: string; count: number };
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('what does not fit', () => {
  const { wanted } = compiled('sequential');

  test('is told at once, with a map that would make it fit', () => {
    const { count, problems, help } = argumentsOf(() =>
      matchWeights('w', file('sequential'), wanted, new Map()),
    );
    expect(count).toBe(12);
    expect(problems).toContain('`linear_1.weight` [4, 3] is missing');
    expect(problems).toContain('`4.bias` [2] is not in the model');
    expect(help).toBe(
      'Perhaps, by names and shapes, with --map: {"0":"linear_1","2":"linear_2","4":"linear_3"}',
    );
    const map = parseNameMap('m.json', help.slice(help.indexOf('{')));
    expect(matchWeights('w', file('sequential'), wanted, map).size).toBe(6);
  });

  test('shapes, and a matrix the other way round', () => {
    const tensor = (...shape: number[]) => ({
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    });
    const bytes = writeSafetensors(
      new Map([
        ['linear_1.weight', tensor(3, 4)],
        ['linear_1.bias', tensor(4)],
        ['linear_2.weight', tensor(4, 4)],
        ['linear_2.bias', tensor(5)],
        ['linear_3.weight', tensor(2, 4)],
        ['linear_3.bias', tensor(2)],
      ]),
    );
    expect(
      argumentsOf(() => matchWeights('w', bytes, wanted, new Map()))
        .problems.trim()
        .split(/\n\s*/),
    ).toEqual([
      '`linear_1.weight` is [3, 4], and the model has [4, 3]; its transpose would fit',
      '`linear_2.bias` is [5], and the model has [4]',
    ]);
  });

  test('names that a map makes one', () => {
    const map = new Map([
      ['0', 'linear_1'],
      ['2', 'linear_1'],
      ['4', null],
    ]);
    expect(argumentsOf(() => matchWeights('w', file('sequential'), wanted, map)).problems).toContain(
      '`0.weight` and `2.weight` are both `linear_1.weight`',
    );
  });

  test('files cut short at every byte, and with every bit of the header flipped', () => {
    const { wanted: attends } = compiled('attends');
    const whole = new Uint8Array(file('attends'));
    const refused = (bytes: Uint8Array) => {
      try {
        matchWeights('w', bytes, attends, new Map());
        return false;
      } catch (error) {
        if (error instanceof DiagnosticError) return true;
        throw error;
      }
    };
    for (let length = 0; length < whole.length; length++)
      expect(refused(whole.subarray(0, length))).toBe(true);
    const header = 8 + Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(0, true));
    let kept = 0;
    for (let bit = 0; bit < 8 * header; bit++) {
      const flipped = whole.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (!refused(flipped)) kept++;
    }
    // only one space for another, in the padding, changes nothing
    expect(kept).toBeLessThan(8 * 8);
  });

  test('a file of something else', () => {
    expect(() => matchWeights('w', Buffer.from('PK not this'), wanted, new Map())).toThrow(DiagnosticError);
  });
});

test("a layer of the user's own says its names in its comment", () => {
  expect(namingRules('y = A x.\nPyTorch: A = weight, b = bias_a + bias_b')).toEqual([
    { own: ['A'], theirs: 'weight', added: [] },
    { own: ['b'], theirs: 'bias_a', added: ['bias_b'] },
  ]);
  expect(namingRules('As in PyTorch (whose momentum differs).')).toEqual([]);
});
