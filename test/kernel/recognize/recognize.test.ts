// Kernels say what they are; the verifier holds them to it.
import { describe, expect, it } from 'vitest';
import { printKernels } from '../../../src/ir/stages/print.ts';
import type { Expression, KernelProgram, MapKernel, Pattern } from '../../../src/ir/stages/type.ts';
import { verifyKernels } from '../../../src/ir/stages/verify.ts';
import { recognize } from '../../../src/kernel/recognize/recognize.ts';
import { affine, apply, at, guard, inside, number, reduce } from '../../../src/ops/expressions.ts';
import { axis, input, map, program, temporary } from '../../ir/stages/programs.ts';

const [n, k, y, x, c, i, j] = [
  axis('n', 8),
  axis('k', 6),
  axis('y', 12),
  axis('x', 12),
  axis('c', 4),
  axis('i', 3),
  axis('j', 3),
];
type Index = ReturnType<typeof at>;
const read = (buffer: number, ...index: readonly Index[]): Expression => ({ kind: 'read', buffer, index });

/** Of 8 images of 4 × 14 × 14 and a filter of 6 × 4 × 3 × 3, or gradients of 8 × 6 × 12 × 12. */
function onImages(shape: readonly number[], output: readonly ReturnType<typeof axis>[], body: Expression) {
  return program(
    [
      { name: 'image', shape: [8, 4, 28, 28], role: input },
      { name: 'other', shape, role: input },
      { name: 'y', shape: output.map(({ size }) => size), role: temporary },
    ],
    [map(2, output, body)],
  );
}

/** Σ image[n, c, y + step · i, x + step · j] · filter[k, c, i, j], elements from 8 on so that steps may be negative */
const convolution = (step = 1) =>
  onImages(
    [6, 4, 3, 3],
    [n, k, y, x],
    reduce(
      'sum',
      [c, i, j],
      apply(
        'multiply',
        read(0, at(n), at(c), affine(8, [y, 1], [i, step]), affine(8, [x, 1], [j, step])),
        read(1, at(k), at(c), at(i), at(j)),
      ),
    ),
  );

const gradient = onImages(
  [8, 6, 12, 12],
  [k, c, i, j],
  reduce(
    'sum',
    [n, y, x],
    apply(
      'multiply',
      read(1, at(n), at(k), at(y), at(x)),
      read(0, at(n), at(c), affine(0, [y, 1], [i, 1]), affine(0, [x, 1], [j, 1])),
    ),
  ),
);

function patternOf(from: KernelProgram): Pattern | undefined {
  const recognized = recognize(from);
  verifyKernels(recognized);
  const [kernel] = recognized.kernels;
  return kernel?.kind === 'map' ? kernel.pattern : undefined;
}

const forms = (pattern: Pattern | undefined) => (pattern?.kind === 'convolution' ? pattern.forms : pattern);

describe('recognize', () => {
  it.each([
    { step: 1, backwards: false },
    { step: -1, backwards: true },
  ])('finds a convolution whose windows step by $step', ({ step, backwards }) => {
    expect(forms(patternOf(convolution(step)))).toEqual([
      {
        kind: 'outputs',
        image: 'left',
        windows: [
          { window: 'i', place: 'y', backwards },
          { window: 'j', place: 'x', backwards },
        ],
      },
    ]);
  });

  it("finds a filter's gradient, in whichever operand the image is", () => {
    expect(forms(patternOf(gradient))).toMatchObject([{ kind: 'filter', image: 'right' }]);
  });

  it('takes a dilated window for a contraction like any other', () => {
    expect(patternOf(convolution(2))?.kind).toBe('contraction');
  });

  it('takes the padding into account: a condition on the place alone is no window', () => {
    const body = reduce(
      'sum',
      [c, i, j],
      apply(
        'multiply',
        guard(
          [inside(at(y), 11)],
          read(0, at(n), at(c), affine(0, [y, 1], [i, 1]), affine(0, [x, 1], [j, 1])),
        ),
        read(1, at(k), at(c), at(i), at(j)),
      ),
    );
    expect(patternOf(onImages([6, 4, 3, 3], [n, k, y, x], body))?.kind).toBe('contraction');
  });

  it('leaves other kernels as they are, and takes a pattern away that is none any more', () => {
    const plain = onImages([6, 4, 3, 3], [n], number(1));
    const [kernel] = recognize(convolution()).kernels as readonly MapKernel[];
    const [other] = plain.kernels;
    if (!kernel?.pattern || other?.kind !== 'map') throw new Error('no pattern');
    expect(recognize(plain)).toEqual(plain);
    const stale = { ...plain, kernels: [{ ...other, pattern: kernel.pattern }] };
    expect(recognize(stale)).toEqual(plain);
  });

  it('says so in print', () => {
    expect(printKernels(recognize(gradient))).toContain(
      '// convolution: batch –, m k, n c i j, k n y x; filter of the right operand at y + i, x + j',
    );
    expect(printKernels(recognize(convolution(2)))).toContain(
      '// contraction: batch –, m n y x, n k, k c i j',
    );
  });
});

describe('the verifier', () => {
  const recognized = recognize(convolution());
  const change = (changed: (kernel: MapKernel, pattern: Pattern) => MapKernel) => () => {
    const [kernel] = recognized.kernels;
    if (kernel?.kind !== 'map' || !kernel.pattern) throw new Error('no pattern');
    verifyKernels({ ...recognized, kernels: [changed(kernel, kernel.pattern)] });
  };

  it('refuses a body that was rewritten under its pattern', () => {
    expect(change((kernel) => ({ ...kernel, body: apply('negate', kernel.body) }))).toThrow(
      'kernel_2 has a pattern of another body',
    );
  });

  it('refuses axes in the wrong place', () => {
    const swapped = ({ contraction, ...pattern }: Pattern): Pattern => ({
      ...(pattern as Pattern),
      contraction: { ...contraction, m: contraction.n, n: contraction.m },
    });
    expect(change((kernel, pattern) => ({ ...kernel, pattern: swapped(pattern) }))).toThrow('left operand');
  });

  it('refuses windows that move otherwise', () => {
    const turned = (pattern: Pattern): Pattern => {
      if (pattern.kind !== 'convolution') throw new Error('no convolution');
      const [form] = pattern.forms;
      if (!form) throw new Error('no form');
      const [first, second] = form.windows;
      return { ...pattern, forms: [{ ...form, windows: [{ ...first, backwards: true }, second] }] };
    };
    expect(change((kernel, pattern) => ({ ...kernel, pattern: turned(pattern) }))).toThrow('do not move');
  });
});
