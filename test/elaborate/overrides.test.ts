// `--set name=value`: constants, settings of `train`, hyper-parameters of the optimizer.
import { describe, expect, test } from 'vitest';
import { build, diagnose } from '../std/run-program.ts';
import { stored } from './models.ts';

const text = `
const width = 8, depth = 2

layer Block (x: [D]) { x -> Linear(width, bias = false) -> ReLU }

model Test {
  const last = 3
  const rate = 0.1
  input  x: [4]
  target t: [3]
  net { repeat depth { Block } Linear(last, bias = false) }
  loss MSE
  optimizer SGD(lr = rate, momentum = 0.9)
  train { epochs = 5  batch = 16 }
}`;

const codes = (overrides: Record<string, string>) =>
  diagnose(text, { overrides }).diagnostics.map(({ code, args }) => ({ code, ...args }));

/** The value of the constant that the learning rate became. */
function learningRates(overrides: Record<string, string>): unknown[] {
  const { graph } = build(text, { overrides });
  const path = 'block_1.linear_1.W';
  const update = graph.updates.find(({ leaf }) => graph.nodes[leaf]?.attributes['path'] === path);
  const next = graph.nodes[update?.value ?? -1];
  const scaled = graph.nodes[next?.inputs[1] ?? -1];
  return (scaled?.inputs ?? []).flatMap((id) => {
    const node = graph.nodes[id];
    return node?.operation === 'constant' ? [node.attributes['value']] : [];
  });
}

describe('overrides', () => {
  test('of a file’s constant reach every definition of the file', () => {
    expect(stored(text, { overrides: { width: '5', depth: '1' } })).toEqual([
      'block_1.linear_1.W: [5, 4]',
      'linear_1.W: [3, 5]',
    ]);
  });

  test('of a model’s constant', () => {
    expect(diagnose(text, { overrides: { last: '2' } }).diagnostics.map(({ code }) => code)).toEqual([
      'shape.same',
    ]);
    expect(stored(text).at(-1)).toBe('linear_1.W: [3, 8]');
  });

  test('of training', () => {
    const { train, batch } = build(text, { overrides: { epochs: '7', 'train.batch': '2' } }).elaborated;
    expect(train).toEqual({ epochs: 7, batch: 2, seed: 1, validation: 0 });
    expect(batch).toBe(2);
  });

  test('of the optimizer, by its argument or by the constant that it is given', () => {
    expect(learningRates({})).toEqual([0.1]);
    expect(learningRates({ lr: '0.01' })).toEqual([0.01]);
    expect(learningRates({ 'optimizer.lr': '1e-3' })).toEqual([0.001]);
    expect(learningRates({ rate: '0.5' })).toEqual([0.5]);
  });

  test('of nothing are refused, with what can be set', () => {
    expect(codes({ widht: '3' })).toEqual([
      { code: 'override.unknown', name: 'widht', help: 'Did you mean `width`?' },
    ]);
    const [unknown] = codes({ zzz: '3' });
    expect(unknown).toMatchObject({ code: 'override.unknown', name: 'zzz' });
    expect(unknown).toHaveProperty(
      'help',
      expect.stringMatching(/^accumulate, batch, depth, .* and width can be set\.$/),
    );
  });

  test.each(['1 + 1', '', '"a"', '--', '1e'])('that are no value are refused: %j', (value) => {
    expect(codes({ lr: value }).map(({ code }) => code)).toContain('override.value');
  });

  test('are checked like what they replace', () => {
    expect(codes({ epochs: '0' }).map(({ code }) => code)).toEqual(['setting.value']);
    expect(codes({ lr: 'fast' }).map(({ code }) => code)).toEqual(['name.unknown']);
    expect(codes({ momentum: 'true' }).map(({ code }) => code)).toEqual(['argument.type']);
    expect(codes({ width: '2.5' }).map(({ code }) => code)).toEqual(['argument.type']);
  });
});
