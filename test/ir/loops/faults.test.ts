// Faults that a scheduler might have, put into what it has made: the verifier or the interpreter finds each, and says where.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import { interpretLoops } from '../../../src/ir/loops/interpret.ts';
import { arithmetic, integer, type LoopModule, type Statement } from '../../../src/ir/loops/type.ts';
import { verifyLoops } from '../../../src/ir/loops/verify.ts';
import { mapStatements } from '../../../src/ir/loops/walk.ts';
import { fuse } from '../../../src/kernel/fuse/fuse.ts';
import { lower } from '../../../src/kernel/lower.ts';
import { wasmFused } from '../../../src/schedule/machine/machine.ts';
import { schedule } from '../../../src/schedule/schedule.ts';
import { draw, expectEqual } from './run-loops.ts';

/** Two layers: h = tanh(x W), y = h V, of sizes that are no multiples of the tile's 6 × 8. */
function twoLayers() {
  const g = new GraphBuilder('layers');
  const [x, W, V] = [g.input('x', 'input', [300, 50]), g.input('W', 'input', [50, 45]), g.input('V', 'input', [45, 29])]; // prettier-ignore
  const h = g.apply('tanh', [g.contract(x, [0, 1], W, [1, 2], [0, 2])]);
  g.output('h', h);
  g.output('y', g.contract(h, [0, 1], V, [1, 2], [0, 2]));
  const program = fuse(lower(g.finish()));
  return { program, bindings: draw(program, 5), module: schedule([program], wasmFused, 0) };
}

const { program, bindings, module } = twoLayers();

const run = (changed: LoopModule, order: 'ascending' | 'descending' = 'ascending') =>
  interpretLoops(changed, program.name, bindings, { threads: 2, order });

/** The module with every statement of the first layer's routine changed; how many were is counted. */
function changeFirst(change: (statement: Statement) => Statement | undefined): LoopModule {
  let count = 0;
  const [routine, ...others] = module.routines;
  if (!routine) throw new Error('no routine');
  const body = mapStatements(routine.body, (statement) => {
    const changed = change(statement);
    if (changed) count++;
    return [changed ?? statement];
  });
  expect(count).toBeGreaterThan(0);
  return { ...module, routines: [{ ...routine, body }, ...others] };
}

describe('a scheduled program', () => {
  it('computes what its kernels do', () => expectEqual(module, program, bindings, 'layers'));

  it('has two steps, shared among threads', () => {
    expect(module.programs[0]?.steps.map(({ items, barrier }) => [items > 1, barrier])).toEqual([
      [true, false],
      [true, true],
    ]);
  });
});

describe('a wrong bound of the loop over tiles', () => {
  const moved = (by: number) =>
    changeFirst((statement) =>
      statement.kind === 'for' && statement.name === 'down'
        ? { ...statement, to: arithmetic('add', statement.to, integer(by)) }
        : undefined,
    );

  it('one too many: stores the sums of a panel that nobody packed', () => {
    expect(() => run(moved(1))).toThrow(
      /^layers, step 0 \(h\), thread 0, at item = 0, across = 0, down = \d+.*: stores an undefined value to h\[\d+\]; .* scratch\[\d+\], not written before/,
    );
  });

  it('one too few: leaves elements undefined, which the next step reads', () => {
    expect(() => run(moved(-1))).toThrow(
      /^layers, step 1 \(y\), thread \d, at item = \d.*: stores an undefined value to y\[\d+\]; /,
    );
  });
});

describe('a missing barrier', () => {
  const [own] = module.programs;
  const changed: LoopModule = {
    ...module,
    programs: own ? [{ ...own, steps: own.steps.map((step) => ({ ...step, barrier: false })) }] : [],
  };

  it('is seen by the verifier', () => {
    expect(() => verifyLoops(changed)).toThrow(
      'layers, step 1 (y): reads h with no barrier after step 0 (h), which wrote h there',
    );
  });

  it('is seen by the interpreter, whichever thread is faster', () => {
    for (const order of ['ascending', 'descending'] as const)
      expect(() => run(changed, order)).toThrow(
        /^layers, step 1 \(y\), thread \d, at item = \d+.*: stores an undefined value to y\[\d+\]/,
      );
  });
});

describe('an over-read that is stored', () => {
  it('is an undefined value in the buffer', () => {
    const changed = changeFirst((statement) => {
      if (statement.kind !== 'store' || !statement.count || statement.count.kind === 'integer')
        return undefined;
      return { kind: 'store', place: statement.place, value: statement.value };
    });
    expect(() => run(changed)).toThrow(
      /^layers, step 0 \(h\), thread \d, at item = \d+, across = \d+.*: stores an undefined value to h\[\d+\]/,
    );
  });
});
