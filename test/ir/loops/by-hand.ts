// Modules of loops written by hand: one routine, called once, that reads `x` and writes `y`, both of 12 elements, with vectors of 4 lanes.
import type { LoopModule, Place, Routine, Statement, Step, Value } from '../../../src/ir/loops/type.ts';
import { first, integer, last, number, variable } from '../../../src/ir/loops/type.ts';
import type { Kernel } from '../../../src/ir/stages/type.ts';
import { input, map, program, temporary } from '../stages/programs.ts';

export const x = variable('$0', 'pointer');
export const y = variable('$1', 'pointer');
export const item = variable('item', 'integer');

export const at = (pointer: Value, elements = 0): Place => ({ pointer, offset: 4 * elements });
export const advance = (pointer: Value, elements: Value): Value => ({ kind: 'advance', pointer, elements });
export const load = (place: Place, splat = false): Value => ({ kind: 'load', place, splat });
export const store = (place: Place, value: Value, count?: Value): Statement => ({
  kind: 'store',
  place,
  value,
  ...(count && { count }),
});
export const constant = (name: string, value: Value, type: 'integer' | 'vector' | 'pointer'): Statement => ({
  kind: 'let',
  name,
  type,
  value,
  mutable: false,
});
export const loop = (
  axis: (Statement & { kind: 'for' })['axis'],
  name: string,
  [from, to, step = 1]: readonly [number, number, number?],
  body: readonly Statement[],
): Statement => ({ kind: 'for', axis, name, from: integer(from), to: integer(to), step, body });
/** The loop over work items. */
export const items = (body: readonly Statement[]): Statement => ({
  kind: 'for',
  axis: 'thread',
  name: 'item',
  from: first,
  to: last,
  step: 1,
  body,
});
export const scaled = (value: Value, by: number): Value => ({
  kind: 'apply',
  function: 'multiply',
  operands: [value, number(by)],
});

/** Copies x to y: an item is a vector. */
export const copied = items([
  constant('at', { kind: 'arithmetic', operator: 'multiply', left: item, right: integer(4) }, 'integer'),
  store(at(advance(y, variable('at', 'integer'))), load(at(advance(x, variable('at', 'integer'))))),
]);

const kernel: Kernel = map(1, [{ id: 'i', size: 12 }], { kind: 'number', value: 0 }, 'doubled');

export interface Changes {
  readonly routine?: Partial<Routine>;
  readonly step?: Partial<Step>;
  readonly module?: Partial<LoopModule>;
}

export function moduleOf(body: readonly Statement[], changes: Changes = {}): LoopModule {
  const kernels = program(
    [
      { name: 'x', shape: [12], role: input },
      { name: 'y', shape: [12], role: temporary },
    ],
    [kernel],
  );
  const places = new Map([
    [0, { offset: 64, elements: 12 }],
    [1, { offset: 128, elements: 12 }],
  ]);
  const step = { routine: 0, buffers: [0, 1], items: 3, barrier: false, kernels: [kernel], cost: 1 };
  return {
    machine: { name: 'a machine', lanes: 4, tiles: [{ rows: 3, vectors: 2 }] },
    routines: [{ parameters: 2, body, scratch: 0, ...changes.routine }],
    programs: [
      {
        program: kernels,
        steps: [{ ...step, ...changes.step }],
        places,
        inputs: new Map([['x', { offset: 64, elements: 12 }]]),
        outputs: new Map([['y', { offset: 128, elements: 12 }]]),
      },
    ],
    stored: new Map(),
    bytes: 192,
    scratch: 256,
    reach: 64,
    ...changes.module,
  };
}

/** Copies x to y and then, with the same routine, y to z. */
export function chained(changes: readonly Partial<Step>[]): LoopModule {
  const module = moduleOf([copied]);
  const [program] = module.programs;
  const [step] = program?.steps ?? [];
  if (!program || !step) throw new Error('no step');
  const places = new Map([...program.places, [2, { offset: 192, elements: 12 }]] as const);
  const steps = [
    { ...step, ...changes[0] },
    { ...step, buffers: [1, 2], barrier: true, ...changes[1] },
  ];
  return { ...module, bytes: 256, programs: [{ ...program, places, steps }] };
}
