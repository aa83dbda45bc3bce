// Routines by hand in the interpreter: what they compute, and each kind of fault.
import { describe, expect, it } from 'vitest';
import { interpretLoops, LoopFault, type LoopRun } from '../../../src/ir/loops/interpret.ts';
import {
  integer,
  number,
  scratch,
  variable,
  type Statement,
  type Value,
} from '../../../src/ir/loops/type.ts';
import {
  advance,
  at,
  chained,
  constant,
  copied,
  item,
  items,
  load,
  loop,
  moduleOf,
  scaled,
  store,
  x,
  y,
  type Changes,
} from './by-hand.ts';

const values = Float64Array.from({ length: 12 }, (_, i) => i + 1);

function run(body: readonly Statement[], changes: Changes = {}, options: LoopRun = {}): readonly number[] {
  const bindings = { inputs: new Map([['x', values]]), stored: new Map() };
  const { outputs } = interpretLoops(moduleOf(body, changes), 'program', bindings, options);
  return [...(outputs.get('y') ?? [])];
}

const times = (value: Value, by: number): Value => ({
  kind: 'arithmetic',
  operator: 'multiply',
  left: value,
  right: integer(by),
});
const each = (value: Value): readonly Statement[] => [items([store(at(advance(y, times(item, 4))), value)])];
const here = at(advance(x, times(item, 4)));

describe('interpretLoops', () => {
  it.each([1, 2, 3, 5])('shares work items among %i threads', (threads) => {
    expect(run([copied], {}, { threads })).toEqual([...values]);
    expect(run([copied], {}, { threads, order: 'descending' })).toEqual([...values]);
  });

  it.each<[string, Value, readonly number[]]>([
    ['a function', scaled(load(here), 2), [2, 4, 6, 8]],
    ['a broadcast', load(here, true), [1, 1, 1, 1]],
    [
      'a multiply-add',
      { kind: 'apply', function: 'multiply_add', operands: [load(here), number(2), number(1)] },
      [3, 5, 7, 9],
    ],
    ['a shuffle', { kind: 'shuffle', left: load(here), right: number(0), lanes: [3, 4, 0, 7] }, [4, 0, 1, 0]],
    [
      'a choice by a mask',
      {
        kind: 'select',
        mask: { kind: 'compare', function: 'less', left: load(here), right: number(2.5) },
        yes: number(-1),
        no: load(here),
      },
      [-1, -1, 3, 4],
    ],
    ['a sum across', { kind: 'reduce_lanes', reducer: 'sum', vector: load(here) }, [10, 10, 10, 10]],
    ['a gather', { kind: 'gather', places: [3, 2, 1, 0].map((i) => at(x, i)) }, [4, 3, 2, 1]],
    [
      'positions',
      {
        kind: 'convert',
        integers: {
          kind: 'lanewise',
          operator: 'add',
          left: { kind: 'splat', integer: item },
          right: { kind: 'sequence', values: [0, 2, 4, 6] },
        },
      },
      [0, 2, 4, 6],
    ],
  ])('computes %s', (_, value, first) => expect(run(each(value)).slice(0, 4)).toEqual(first));

  it('computes tiles and transposes in scratch memory', () => {
    const c = advance(scratch, integer(32));
    const body: readonly Statement[] = [
      items([
        // a: 2 rows × depth 2 in panels of 3; b: depth 2 × 8; of which c = a b is 2 × 8
        store(at(scratch), load(at(x))),
        store(at(scratch, 4), load(at(x, 4))),
        ...[8, 12, 16, 20].map((to, i) => store(at(scratch, to), number(i + 1))),
        {
          kind: 'tile',
          ...{ rows: 2, stride: 3, step: 1, vectors: 2, a: scratch, b: advance(scratch, integer(8)) },
          ...{ c, depth: integer(2), accumulate: integer(0) },
        },
        {
          kind: 'transpose',
          rows: [0, 4, 8, 12].map((from) => load(at(c, from))),
          places: [0, 1, 2, 3].map((column) => at(c, 16 + 4 * column)),
        },
        store(at(advance(y, times(item, 4))), load(at(c, 16))),
      ]),
    ];
    // rows [1, 4] and [2, 5] of a, by columns [1, 3] and [2, 4] of b
    const found = run(body, { routine: { scratch: 256 } });
    expect(found.slice(0, 4)).toEqual([1 * 1 + 4 * 3, 1 * 2 + 4 * 4, 2 * 1 + 5 * 3, 2 * 2 + 5 * 4]);
  });
});

describe('a fault', () => {
  const fault = (body: readonly Statement[], changes?: Changes, options?: LoopRun): string => {
    try {
      run(body, changes, options);
    } catch (error) {
      if (error instanceof LoopFault) return error.message;
      throw error;
    }
    return 'none';
  };
  const head = 'program, step 0 (doubled), thread 0, at item = 0';

  it('is an undefined value in a buffer: from past an end', () => {
    expect(fault(each(load(at(advance(x, times(item, 4)), 2))))).toBe(
      'program, step 0 (doubled), thread 0, at item = 2: stores an undefined value to y[10]; ' +
        'the last undefined value that was read was x[13], outside its elements',
    );
    // over-read, and not stored
    const part = (lanes: number) => items([store(at(y, 8), load(at(x, 10)), integer(lanes))]);
    expect(fault([copied, part(2)])).toBe('none');
    expect(fault([copied, part(3)])).toContain('stores an undefined value to y[10]');
  });

  it('is an undefined value in a buffer: from scratch memory, whichever way it takes', () => {
    const changes = { routine: { scratch: 256 } };
    const unwritten = load(at(scratch, 5));
    const cause = 'the last undefined value that was read was scratch[5], not written before';
    expect(fault(each(unwritten), changes)).toBe(`${head}: stores an undefined value to y[0]; ${cause}`);
    const masked = (set: readonly boolean[]): Value => ({
      kind: 'select',
      mask: { kind: 'lanes', set },
      yes: unwritten,
      no: number(1),
    });
    expect(fault(each(masked([false, false, false, false])), changes)).toBe('none');
    expect(fault(each(masked([false, false, true, false])), changes)).toContain('y[2]');
    const compared: Value = {
      kind: 'mask_to_float',
      mask: { kind: 'compare', function: 'less', left: unwritten, right: number(1) },
    };
    expect(fault(each(compared), changes)).toContain('y[0]');
    expect(fault(each({ kind: 'reduce_lanes', reducer: 'max', vector: unwritten }), changes)).toContain(
      'y[0]',
    );
    const through = [items([store(at(scratch), unwritten)]), ...each(load(at(scratch)))];
    expect(fault(through, changes)).toContain('y[0]');
  });

  it('is an undefined address, bound, condition or count', () => {
    const changes = { routine: { scratch: 256 } };
    const whole: Value = { kind: 'to_integer', vector: load(at(scratch)), lane: 1 };
    expect(fault([items([store(at(advance(y, whole)), number(1))])], changes)).toBe(
      `${head}: writes outside y, an undefined address of it, which has 12 elements`,
    );
    expect(fault([items([{ kind: 'if', condition: whole, body: [] }])], changes)).toBe(
      `${head}: a condition is undefined`,
    );
    const bounded = { ...loop('serial', 'k', [0, 1], []), to: whole } as Statement;
    expect(fault([items([bounded])], changes)).toBe(`${head}: a bound of the loop k is undefined`);
    expect(fault([items([store(at(y), number(1), whole)])], changes)).toBe(
      `${head}: a count of lanes is undefined`,
    );
    expect(fault(each(load(at(advance(x, whole)))), changes)).toContain('x at an undefined address');
  });

  it('is a read or a write that is not of the buffer', () => {
    const k = variable('k', 'integer');
    const read = [loop('serial', 'k', [26, 30], [constant('v', load(at(advance(x, k))), 'vector')])];
    expect(fault(read)).toBe(
      'program, step 0 (doubled), thread 0, at k = 26: reads x[28], outside its 12 elements and the 16 that may be over-read',
    );
    expect(fault([store(at(advance(y, integer(-1))), number(1))])).toContain(
      'writes outside y, element -1, which has 12 elements',
    );
    expect(fault([store(at(y, 12), number(1))])).toContain('writes outside y, element 12');
  });

  it('is a race, whichever thread is faster', () => {
    const whole = [items([store(at(y), number(1))])];
    expect(fault(whole, {}, { threads: 2 })).toBe(
      'program, step 0 (doubled), thread 1, at item = 2: writes y[0], which thread 0 has written since the last barrier',
    );
  });

  it('is a read of what another thread writes, in the order in which that one is faster', () => {
    // the one item of the second step is thread 0's, and reads the first vector of y, which is thread 0's too
    const bindings = { inputs: new Map([['x', values]]), stored: new Map() };
    const run = (moved: number, barrier: boolean, order: 'ascending' | 'descending') => {
      const module = chained([{}, { items: 1, barrier, routine: 1 }]);
      const body = [store(at(y), load(at(x, moved)))];
      const routines = [...module.routines, { parameters: 2, body, scratch: 0 }];
      return () => interpretLoops({ ...module, routines }, 'program', bindings, { threads: 2, order });
    };
    expect(run(0, false, 'descending')).not.toThrow();
    expect(run(8, true, 'descending')).not.toThrow();
    expect(run(8, false, 'descending')).toThrow(
      'program, step 1 (doubled_2), thread 0: stores an undefined value to partial[0]; the last undefined value ' +
        'that was read was y[8], which thread 1 writes with no barrier in between',
    );
    expect(run(8, false, 'ascending')).toThrow('y[8], not written before');
  });

  it('is an output that is never written', () => {
    expect(fault([copied], { step: { items: 2 } })).toBe('y[8] is never written');
  });
});
