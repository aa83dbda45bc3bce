// Every gradient, through differentiation, lowering and the interpreter, against central differences in float64; the gradient of
// each gradient likewise; and the linearity of a gradient in its cotangent.
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { operationOf, type OperationName } from '../../src/ops/table.ts';
import { cases, named, operationNames, prepare, sampleGraph, weigh, type Case } from './samples.ts';
import { drawInputs, numbersFrom, tensorOf, type Tensor } from './tensors.ts';

const step = 1e-4;

const withGradient = operationNames.filter((name) => operationOf(name).gradient !== 'none');
const differentiable = cases.filter((each) => withGradient.includes(each.name));

test('every primitive with a gradient has a sample', () => {
  const tested = new Set<OperationName>(differentiable.map(({ name }) => name));
  expect(withGradient.filter((name) => !tested.has(name))).toEqual([]);
});

/** Gradients of Σ y · w towards the real inputs, as outputs g0, g1, … beside the scalar itself; then of Σ g · v, as h0, h1, … */
function gradientGraph(each: Case, order: 1 | 2) {
  const { builder, inputs, result } = sampleGraph(each);
  const real = inputs.flatMap((input, i) => (each.sample.integers?.[i] === undefined ? [{ input, i }] : []));
  const wrt = real.map(({ input }) => input.id);
  let scalar = weigh(builder, result, 'w');
  builder.output('scalar', scalar);
  let graph = builder.finish();
  for (let level = 1; level <= order; level++) {
    const letter = level === 1 ? 'g' : 'h';
    const differentiated = differentiate(graph, scalar.id, wrt);
    const next = continueFrom(differentiated.graph);
    const gradients = real.map(({ input, i }) => {
      const gradient = next.node(differentiated.gradients.get(input.id) ?? -1);
      next.output(`${letter}${i}`, gradient);
      return { gradient, i };
    });
    if (level < order) {
      const weighed = gradients.map(({ gradient, i }) => weigh(next, gradient, `v${i}`));
      scalar = weighed.reduce((total, part) => next.add(total, part));
      next.output('scalar of gradients', scalar);
    }
    graph = next.finish();
  }
  return { graph, real: real.map(({ i }) => i), resultShape: result.shape };
}

function continueFrom(graph: Parameters<typeof differentiate>[0]) {
  const builder = new GraphBuilder(graph.name, graph);
  builder.phase = 'backward';
  return builder;
}

function given(inputs: readonly Tensor[], shape: readonly number[], random: () => number) {
  const draw = (wanted: readonly number[]) => tensorOf(wanted, () => 2 * random() - 1).data;
  const directions = inputs.map((input, i) => [`v${i}`, draw(input.shape)] as const);
  return { ...named(inputs), w: draw(shape), ...Object.fromEntries(directions) };
}

/** Compares the output `letter` with differences of the output `scalar`, along every element of every real input. */
function compare(each: Case, order: 1 | 2) {
  const { graph, real, resultShape } = gradientGraph(each, order);
  const random = numbersFrom(29);
  const inputs = drawInputs(each.sample, random);
  const values = given(inputs, resultShape, random);
  const run = prepare(graph);
  const [letter, scalar] = order === 1 ? ['g', 'scalar'] : ['h', 'scalar of gradients'];
  const outputs = run(values);
  for (const i of real) {
    const point = inputs[i]?.data ?? [];
    const gradient = outputs.get(`${letter}${i}`);
    expect(gradient).toHaveLength(point.length);
    point.forEach((x, element) => {
      const at = (value: number) =>
        run({ ...values, [`x${i}`]: point.with(element, value) }).get(scalar)?.[0] ?? NaN;
      const difference = (at(x + step) - at(x - step)) / (2 * step);
      const found = gradient?.[element] ?? NaN;
      const close = Math.abs(found - difference) <= 1e-8 + 1e-6 * Math.abs(difference);
      expect(close, `towards x${i}[${element}]: ${found}, but the difference is ${difference}`).toBe(true);
    });
  }
}

describe('gradient equals central differences', () => {
  test.each(differentiable)('$title', (each) => compare(each, 1));
});

describe('gradient of the gradient equals central differences', () => {
  const real = differentiable.filter(({ sample }) =>
    sample.shapes.some((_, i) => sample.integers?.[i] === undefined),
  );
  test.each(real)('$title', (each) => compare(each, 2));
});

describe('gradient is linear in its cotangent', () => {
  test.each(differentiable)('$title', (each) => {
    const { graph, real, resultShape } = gradientGraph(each, 1);
    const random = numbersFrom(31);
    const inputs = named(drawInputs(each.sample, random));
    const draw = () => tensorOf(resultShape, () => 2 * random() - 1).data;
    const [first, second] = [draw(), draw()];
    const mixed = first.map((value, i) => 3 * value - 0.5 * (second[i] ?? 0));
    const run = prepare(graph);
    const [a, b, both] = [first, second, mixed].map((w) => run({ ...inputs, w }));
    for (const i of real) {
      both?.get(`g${i}`)?.forEach((value, element) => {
        const expected = 3 * (a?.get(`g${i}`)?.[element] ?? NaN) - 0.5 * (b?.get(`g${i}`)?.[element] ?? NaN);
        expect(value).toBeCloseTo(expected, 11);
      });
    }
  });
});
