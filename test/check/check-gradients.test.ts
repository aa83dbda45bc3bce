import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkGradients, chooseElements } from '../../src/check/check-gradients.ts';
import { agreement, differentiateNumerically } from '../../src/check/differences.ts';
import { drawPoint } from '../../src/check/draw-point.ts';
import type { CompiledProgram } from '../../src/codegen/compiled.ts';
import { compile } from '../../src/compile.ts';

function gradients(path: string) {
  const text = readFileSync(path, 'utf8');
  const { specification, programs } = compile(
    { path, text, library: false },
    { batch: 3, programs: ['gradient'] },
  );
  const program = programs.get('gradient');
  if (!program) throw new Error('no gradient program');
  return { specification, program, point: drawPoint(specification, 3) };
}

/** The program with one of its outputs turned around. */
function negated(program: CompiledProgram, output: string): CompiledProgram {
  const { kernels } = program;
  const target = kernels.outputs.find(({ name }) => name === output);
  return {
    ...program,
    kernels: {
      ...kernels,
      kernels: kernels.kernels.map((kernel) => {
        if (kernel.output !== target?.buffer || kernel.kind !== 'map') return kernel;
        const body = { kind: 'apply', function: 'negate', operands: [kernel.body] } as const;
        return { ...kernel, body };
      }),
    },
  };
}

describe('checkGradients', () => {
  it.each([
    'models/quadratic-swish.nn',
    'models/additive-coupling.nn',
    'models/conv-avgpool.nn',
    'models/regression.nn',
    'models/sequence.nn',
    'models/probabilities.nn',
  ])('finds the gradients of %s right', (path) => {
    const { program, point } = gradients(path);
    const { tensors } = checkGradients(program, point, { seed: 3, samples: 6 });
    expect(tensors.length).toBeGreaterThan(2);
    expect(tensors.filter(({ wrong }) => wrong).map(({ name }) => name)).toEqual([]);
    expect(Math.max(...tensors.map(({ error }) => error))).toBeLessThan(1e-6);
    expect(tensors.every(({ checked, kinks }) => checked > kinks)).toBe(true);
  });

  it('finds the one gradient that is wrong', () => {
    const { program, point } = gradients('models/regression.nn');
    const broken = negated(program, 'gradient.params.linear_1.b');
    const { tensors } = checkGradients(broken, point, { seed: 3, samples: 6 });
    const wrong = tensors.filter((tensor) => tensor.wrong);
    expect(wrong.map(({ name }) => name)).toEqual(['linear_1.b']);
    expect(wrong[0]?.error).toBeCloseTo(2);
    expect(wrong[0]?.wrong?.gradient).toBeCloseTo(-(wrong[0]?.wrong?.difference ?? NaN), 6);
  });

  it('looks at costly tensors together, and at each where they disagree', () => {
    const { program, point } = gradients('models/regression.nn');
    const options = { seed: 3, samples: 6, budget: 1 };
    const { tensors } = checkGradients(program, point, options);
    expect(tensors.every(({ together, wrong, checked }) => together && !wrong && checked === 1)).toBe(true);
    expect(new Set(tensors.map(({ error }) => error)).size).toBe(1);
    const found = checkGradients(negated(program, 'gradient.params.linear_1.b'), point, options).tensors;
    expect(found.filter(({ wrong }) => wrong).map(({ name }) => name)).toEqual(['linear_1.b']);
    expect(found.some(({ together }) => together)).toBe(false);
  });

  it('draws the same point for the same seed', () => {
    const { specification, point } = gradients('models/regression.nn');
    expect(drawPoint(specification, 3)).toEqual(point);
    expect(drawPoint(specification, 4)).not.toEqual(point);
  });
});

describe('agreement', () => {
  const slope = (loss: (x: number) => number, claimed: number, at = 0) =>
    agreement(
      claimed,
      differentiateNumerically((offset) => loss(at + offset)),
      Math.abs(loss(at)),
    ).agreement;

  it('accepts slopes and refuses what are none', () => {
    expect(slope((x) => x ** 3, 12, 2)).toBe('right');
    expect(slope((x) => x ** 3, 12.001, 2)).toBe('wrong');
    expect(slope(() => 1e6, 0)).toBe('right');
    expect(slope((x) => 1e6 + x, 0)).toBe('wrong');
    expect(slope((x) => Math.log(x), Infinity, 0)).toBe('wrong');
  });

  it('tells a kink from a mistake, near to it and on it', () => {
    expect(slope((x) => Math.max(x, 0), 1, 5e-5)).toBe('right');
    expect(slope((x) => Math.max(x, 0), 0.5, 5e-5)).toBe('wrong');
    expect(slope((x) => x ** 2 + Math.max(x, 0), 0, 1e-7)).toBe('kink');
  });
});

describe('chooseElements', () => {
  it('takes all where there are few, else distinct ones that the seed chooses', () => {
    expect(chooseElements(3, 5, 1)).toEqual([0, 1, 2]);
    const chosen = chooseElements(1000, 20, 7);
    expect(new Set(chosen).size).toBe(20);
    expect(chosen).toEqual(chooseElements(1000, 20, 7));
    expect(chosen).not.toEqual(chooseElements(1000, 20, 8));
  });
});
