// 500 random programs, each scheduled for vectors of 4 and of 16 lanes, verified, and run in the interpreter of loops on two threads
// against the interpreter of kernels. `NNC_SEED` chooses others; a failure names the seed and the number.
import { describe, it } from 'vitest';
import { fuse } from '../../../src/kernel/fuse/fuse.ts';
import { lower } from '../../../src/kernel/lower.ts';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import type { Graph } from '../../../src/ir/graph/type.ts';
import { randomProgram } from '../../codegen/random-kernel.ts';
import { randomViews } from '../../kernel/fuse/random-views.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { draw, expectScheduled } from './run-loops.ts';

const seed = Number(process.env['NNC_SEED'] ?? 1);

describe(`random programs, seed ${seed}`, () => {
  it('200 kernels of nested reductions, guards and looked-up indices', () => {
    const random = numbersFrom(seed);
    for (let i = 0; i < 200; i++) {
      const program = randomProgram(random);
      expectScheduled(program, draw(program, seed + i, { ids: 4 }), `seed ${seed}, kernel ${i}`);
    }
  });

  // 3: an axis of a kernel's output was split, a half of it split again, and only one of both joined
  it.each([...new Set([seed, 3])])(
    '200 graphs of views, windows, sums and updates, fused, seed %i',
    (own) => {
      const random = numbersFrom(own + 1);
      for (let i = 0; i < 200; i++) {
        const length = 8 + Math.floor(random() * 52);
        const graph = randomViews(Array.from({ length }, () => Math.floor(random() * 1000)));
        const program = fuse(lower(graph));
        expectScheduled(program, draw(program, own + i, { i: 3 }), `seed ${own}, graph ${i}`);
      }
    },
  );

  it('100 contractions of every layout, with a bias and a function on their sums', () => {
    const random = numbersFrom(seed + 2);
    for (let i = 0; i < 100; i++) {
      const program = fuse(lower(randomContraction(random)));
      expectScheduled(program, draw(program, seed + i), `seed ${seed}, contraction ${i}`);
    }
  });
});

/** Of sizes that are no multiples of tiles and vectors, some with a depth that is cut into blocks. */
function randomContraction(random: () => number): Graph {
  const below = (limit: number) => Math.floor(random() * limit);
  const shuffled = <T>(items: readonly T[]): readonly T[] =>
    items.map((item) => [random(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item); // prettier-ignore
  const deep = below(10) === 0;
  const sizes = [
    1 + below(3),
    1 + below(deep ? 9 : 40),
    1 + below(40),
    deep ? 1300 + below(900) : 1 + below(70),
  ];
  const batched = below(3) === 0 ? [0] : [];
  const [left, right, output] = [
    shuffled([...batched, 1, 3]),
    shuffled([...batched, 2, 3]),
    shuffled([...batched, 1, 2]),
  ];
  const shapeOf = (labels: readonly number[]) => labels.map((label) => sizes[label] ?? 1);
  const g = new GraphBuilder('contraction');
  const [a, b] = [g.input('a', 'input', shapeOf(left)), g.input('b', 'input', shapeOf(right))];
  const sums = g.contract(a, left, b, right, output);
  g.output('sums', sums);
  const bias = g.broadcast(g.input('bias', 'input', shapeOf(output.slice(-1))), sums.shape, [
    output.length - 1,
  ]);
  g.output('y', g.apply('tanh', [g.add(sums, bias)]));
  return g.finish();
}
