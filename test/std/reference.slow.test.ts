// Every standard layer, activation, loss, optimizer and schedule against PyTorch: values, all gradients, ten steps. The values are
// in test/fixtures/reference; scripts/reference/pytorch.py says how they come about. They were computed in float64 and written to
// 12 digits, so the float64 interpreter comes far nearer to them than the promised 1e-4.
import { describe, expect, test } from 'vitest';
import { casesOf, layerFamilies, type GradientCase, type OptimizerCase } from './reference-cases.ts';
import { build, kernelsOf, library, run, type Values } from './run-program.ts';

const relative = 1e-7;
const absolute = 1e-9;

function expectClose(what: string, found: ArrayLike<number> | undefined, expected: readonly number[]): void {
  expect(found, `${what} is missing`).toBeDefined();
  expect(found?.length, `elements of ${what}`).toBe(expected.length);
  expected.forEach((value, i) => {
    const own = found?.[i] ?? NaN;
    const close = Math.abs(own - value) <= absolute + relative * Math.abs(value);
    expect(close, `${what}[${i}] is ${own}, but PyTorch has ${value}`).toBe(true);
  });
}

function compareGradients(each: GradientCase): void {
  const { source, batch, training } = each;
  const { graph } = build(source, { program: 'gradient', batch, training });
  const { outputs } = run(kernelsOf(graph), each.inputs, each.stored);
  const expected: Record<string, readonly number[]> = { loss: [each.loss] };
  for (const [name, value] of Object.entries(each.outputs)) expected[`output.${name}`] = value;
  for (const [path, value] of Object.entries(each.gradients.params))
    expected[`gradient.params.${path}`] = value;
  for (const [name, value] of Object.entries(each.gradients.inputs))
    expected[`gradient.inputs.${name}`] = value;
  expect([...outputs.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expectClose(name, outputs.get(name), value);
}

function compareBuffers(each: GradientCase): void {
  const { graph } = build(each.source, { program: 'step', batch: each.batch });
  const { stored } = run(kernelsOf(graph), each.inputs, each.stored);
  for (const [path, value] of Object.entries(each.buffers ?? {})) expectClose(path, stored.get(path), value);
}

describe.each(layerFamilies)('%s', (family) => {
  const cases = casesOf(family);
  test.each(cases)('$name', (each) => {
    compareGradients(each);
    if (each.buffers) compareBuffers(each);
  });
});

/** Stored tensors at the beginning: the weights that are given, zeros for the optimizer's states. */
function beginning(each: OptimizerCase, paths: readonly { path: string; count: number }[]): Values {
  return Object.fromEntries(
    paths.map(({ path, count }) => [path, each.stored[path] ?? new Float64Array(count)] as const),
  );
}

describe('optimizers', () => {
  test.each(casesOf('optimizers'))('$name', (each) => {
    const kernels = kernelsOf(build(each.source, { program: 'step', batch: each.batch }).graph);
    const paths = kernels.buffers.flatMap(({ role, shape }) =>
      role.kind === 'stored' ? [{ path: role.path, count: shape.reduce((n, size) => n * size, 1) }] : [],
    );
    let stored = beginning(each, paths);
    each.steps.forEach((step, i) => {
      const after = run(kernels, step.inputs, stored, { step: i + 1, steps: each.steps.length });
      expectClose(`the loss of step ${i + 1}`, after.outputs.get('loss'), [step.loss]);
      for (const [path, value] of Object.entries(step.stored))
        expectClose(`${path} after step ${i + 1}`, after.stored.get(path), value);
      stored = Object.fromEntries(after.stored);
    });
  });
});

describe('schedules', () => {
  // The gradient is 1 and the learning rate 1: a step goes down by the schedule's factor.
  test.each(casesOf('schedules'))('$name', ({ source, steps, factors }) => {
    const kernels = kernelsOf(build(source, { program: 'step', batch: 1 }).graph);
    const found = factors.map((_, i) => {
      const after = run(kernels, { x: [1], t: [0] }, { 'linear_1.W': [0] }, { step: i + 1, steps });
      return -(after.stored.get('linear_1.W')?.[0] ?? NaN);
    });
    expectClose('the factor', found, factors);
  });
});

test('every definition of the standard library is compared', () => {
  const sources = [...layerFamilies, 'optimizers' as const, 'schedules' as const].flatMap((family) =>
    casesOf(family).map(({ source }) => source),
  );
  const kinds = ['layer', 'loss', 'optimizer', 'schedule'];
  const names = [...library.definitions.values()].filter(({ kind }) => kinds.includes(kind));
  const missing = names.filter(
    ({ name }) => !sources.some((text) => new RegExp(`\\b${name.text}\\b`).test(text)),
  );
  expect(missing.map(({ name }) => name.text)).toEqual([]);
});
