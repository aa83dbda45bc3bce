// The AssemblyScript dialect: integers are `i32`, pointers count bytes, and vectors are `v128`.
import {
  elementSize,
  variable,
  type LaneOperator,
  type Place,
  type Routine,
  type Value,
  type ValueType,
} from '../../ir/loops/type.ts';
import {
  layoutName,
  LoopPrinter,
  printWord,
  type Dialect,
  type PrintedBody,
  type StatementOf,
  type ValueOf,
} from '../loop-printer.ts';
import { Names } from '../names.ts';
import { RoutineConstants, type ConstantTable, type Constants } from './constants.ts';
import { calledFunctions, forms, type CalledFunction } from './functions.ts';
import { helpers } from './helpers.ts';

const types: { readonly [type in ValueType]: string } = {
  integer: 'i32',
  pointer: 'usize',
  vector: 'v128',
  mask: 'v128',
  integers: 'v128',
};

/** Names that must not be shadowed: AssemblyScript's own and the module's helpers. */
const builtins = [
  ...helpers.keys(),
  ...calledFunctions.keys(),
  ...[
    'uniform',
    'run',
    'work',
    'wake',
    'spin',
    'sleep',
    'waitForOthers',
    'shortSpins',
    'shortWaits',
    'backOff',
    'arrived',
    'generation',
    'sleeping',
    'job',
    'program',
    'longSpins',
    'check',
  ],
  ...[
    'i32',
    'u32',
    'f32',
    'f64',
    'usize',
    'v128',
    'f32x4',
    'i32x4',
    'i64x2',
    'bool',
    'atomic',
    'memory',
    'Mathf',
  ],
  ...[
    'i64',
    'min',
    'numbers',
    'load',
    'store',
    'select',
    'first',
    'last',
    'scratch',
    'thread',
    'threads',
    'barrier',
    'part',
  ],
];

/** Names for a scope of a generated module: no possible name of a microkernel (`tile4x2of5`). */
export function namesInAssembly(): Names {
  return new Names(builtins, (name) => /^tile\d+x\d/.test(name));
}

export interface PrintedRoutine extends Pick<PrintedBody, 'helpers' | 'tiles'> {
  readonly text: string;
}

/** `fused`: whether a multiply-add is one instruction. */
export interface Printing {
  readonly table: ConstantTable;
  readonly fused: boolean;
}

/** `labels`: readable names of the buffers behind the parameters. */
export function printRoutine(
  routine: Routine,
  name: string,
  labels: readonly string[],
  comment: readonly string[],
  { table, fused }: Printing,
): PrintedRoutine {
  const names = namesInAssembly();
  const constants = new RoutineConstants(table, names);
  const printer = new LoopPrinter(dialect(constants, fused), names, labels);
  const parameters = printer.parameters().map((pointer) => `${pointer}: usize`);
  const head = [...parameters, 'first: i32', 'last: i32', 'scratch: usize'].join(', ');
  const { lines, helpers: called, tiles } = printer.print(routine, '  ');
  const text = [...comment, `function ${name}(${head}): void {`, ...constants.head('  '), ...lines, '}'];
  return { text: text.join('\n'), helpers: called, tiles };
}

/** Prints a vector function; `helpers` lists its callees. */
export function printFunction(
  { name, inline, body }: CalledFunction,
  { table, fused }: Printing,
): { readonly text: string; readonly helpers: ReadonlySet<string> } {
  const printer = new LoopPrinter(dialect(table, fused), namesInAssembly());
  const head = `function ${name}(${printer.value(variable(body.parameter, 'vector'))}: v128): v128 {`;
  const { lines, helpers: called } = printer.printFunction(body, '  ');
  const decorators = inline ? ['// @ts-ignore: decorator', '@inline'] : [];
  const text = [`/** ${body.comment} */`, ...decorators, head, ...lines, '}'];
  return { text: text.join('\n'), helpers: called };
}

/** Lanes of a `v128`. */
const lanes = 4;

const dialect = (constants: Constants, fused: boolean): Dialect => ({
  alone: (text) => text,
  declare: (type, name, value, isMutable) =>
    `${isMutable ? 'let' : 'const'} ${name}: ${types[type]} = ${value};`,
  loopHead: (name, from, to, step) =>
    `for (let ${name}: i32 = ${from}; ${name} < ${to}; ${step === 1 ? `${name}++` : `${name} += ${step}`})`,
  values: {
    ...values,
    // Zero is all bits clear: no constant is loaded for it.
    number: ({ value }) => (Object.is(value, 0) ? 'f32x4.splat(0.0)' : constants.float(printFloat(value))),
    mask_to_float: ({ mask }, printer) => `v128.and(${printer.value(mask)}, ${constants.float('1.0')})`,
    with_sign: ({ size, sign }, printer) =>
      `v128.bitselect(${printer.value(sign)}, ${printer.value(size)}, ${constants.float('-0.0')})`,
    lanewise: (value, printer) => lanewise(value, constants, printer),
    apply: (value, printer) => apply(value, fused, printer),
  },
  store,
  storeLane: (place, vector, lane, printer) =>
    `v128.store_lane<f32>(${addressOf(place, printer, `${printer.value(vector)}, ${lane}`)});`,
  pairs: ({ left, right, places }, printer) => {
    const operands = `${printer.value(left)}, ${printer.value(right)}`;
    return [0, 1].flatMap((half) => {
      const order = half === 0 ? '0, 4, 1, 5' : '2, 6, 3, 7';
      return places.slice(2 * half, 2 * half + 2).map((place, lane) => {
        const pair = addressOf(place, printer, `v128.shuffle<f32>(${operands}, ${order}), ${lane}`);
        return `v128.store_lane<i64>(${pair});`;
      });
    });
  },
  transpose: ({ rows, places }, printer) => {
    const pointers = places.map((place) => pointerTo(place, printer));
    const lines = rows.map((row) => printer.value(row));
    return `${printer.helper('storeTransposed')}(${[...pointers, ...lines].join(', ')});`;
  },
  tileName: (form) => `tile${form.rows}x${form.vectors}${layoutName(form, '')}`,
});

const values: Omit<Dialect['values'], 'number' | 'mask_to_float' | 'with_sign' | 'lanewise' | 'apply'> = {
  arithmetic,
  advance,
  gather,
  select,
  to_integer: ({ vector, lane }, printer) =>
    `i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(${printer.value(vector)}), ${lane})`,
  load: ({ place, splat }, printer) =>
    `${splat ? 'v128.load_splat<f32>' : 'v128.load'}(${addressOf(place, printer)})`,
  shuffle: ({ left, right, lanes: order }, printer) =>
    `v128.shuffle<f32>(${[printer.value(left), printer.value(right), ...order].join(', ')})`,
  convert: ({ integers }, printer) => `f32x4.convert_i32x4_s(${printer.value(integers)})`,
  reduce_lanes: ({ reducer, vector }, printer) =>
    `${printer.helper(reducer === 'sum' ? 'sumAcross' : 'maximumAcross')}(${printer.value(vector)})`,
  random: ({ index, words }, printer) =>
    `${printer.helper('uniform')}(${[index, ...words].map((each) => printer.value(each)).join(', ')})`,
  compare: ({ function: called, left, right }, printer) =>
    `f32x4.${comparisons[called]}(${printer.value(left)}, ${printer.value(right)})`,
  inside: ({ integers, limit }, printer) => `i32x4.lt_u(${printer.value(integers)}, i32x4.splat(${limit}))`,
  zero: ({ integers }, printer) => `i32x4.eq(${printer.value(integers)}, i32x4.splat(0))`,
  lanes: ({ set }) => `i32x4(${set.map((each) => (each ? -1 : 0)).join(', ')})`,
  splat_mask: ({ condition }, printer) => `i32x4.splat(-<i32>${printer.value(condition)})`,
  both: ({ left, right }, printer) => `v128.and(${printer.value(left)}, ${printer.value(right)})`,
  splat: ({ integer }, printer) => `i32x4.splat(${printer.value(integer)})`,
  sequence: ({ values: each }) => `i32x4(${each.join(', ')})`,
  pack: ({ values: [head, ...others] }, printer) =>
    others.reduce(
      (vector, lane, i) => `i32x4.replace_lane(${vector}, ${i + 1}, ${printer.value(lane)})`,
      `i32x4.splat(${head ? printer.value(head) : 0})`,
    ),
  bits: ({ vector }, printer) => printer.value(vector),
  from_bits: ({ integers }, printer) => printer.value(integers),
};

function store({ place, value, count }: StatementOf<'store'>, printer: LoopPrinter): readonly string[] {
  const printed = printer.value(value);
  if (!count || (count.kind === 'integer' && count.value >= lanes))
    return [`v128.store(${addressOf(place, printer, printed)});`];
  if (count.kind !== 'integer')
    return [
      `${printer.helper('storePart')}(${pointerTo(place, printer)}, ${printed}, ${printer.value(count)});`,
    ];
  const third = { pointer: place.pointer, offset: place.offset + 2 * elementSize };
  const pair = `v128.store_lane<i64>(${addressOf(place, printer, `${printed}, 0`)});`;
  const single = (at: Place, lane: number) =>
    `v128.store_lane<f32>(${addressOf(at, printer, `${printed}, ${lane}`)});`;
  if (count.value === 1) return [single(place, 0)];
  return count.value === 2 ? [pair] : [pair, single(third, 2)];
}

/** The arguments of a load or store: pointer, further operands, offset. */
function addressOf({ pointer, offset }: Place, printer: LoopPrinter, middle?: string): string {
  return [
    printer.value(pointer),
    ...(middle === undefined ? [] : [middle]),
    ...(offset === 0 ? [] : [offset]),
  ].join(', ');
}

function pointerTo({ pointer, offset }: Place, printer: LoopPrinter): string {
  return offset === 0 ? printer.value(pointer) : `${printer.value(pointer)} + ${offset}`;
}

function select({ mask, yes, no }: ValueOf<'select'>, printer: LoopPrinter): string {
  if (mask.kind === 'compare' && mask.function === 'less') {
    const { left, right } = mask;
    const operands = (a: Value, b: Value) => `${printer.value(a)}, ${printer.value(b)}`;
    if (isSame(yes, right) && isSame(no, left)) return `f32x4.pmax(${operands(left, right)})`;
    if (isSame(yes, left) && isSame(no, right)) return `f32x4.pmin(${operands(right, left)})`;
  }
  // Zero is all bits clear: one instruction does.
  const printed = printer.value(mask);
  if (no.kind === 'number' && Object.is(no.value, 0)) return `v128.and(${printer.value(yes)}, ${printed})`;
  if (yes.kind === 'number' && Object.is(yes.value, 0))
    return `v128.andnot(${printer.value(no)}, ${printed})`;
  return `v128.bitselect(${printer.value(yes)}, ${printer.value(no)}, ${printed})`;
}

function arithmetic({ operator, left, right }: ValueOf<'arithmetic'>, printer: LoopPrinter): string {
  const [a, b] = [printer.value(left), printer.value(right)];
  switch (operator) {
    case 'minimum':
      return `min<i32>(${a}, ${b})`;
    case 'unsigned_less':
      return `(<u32>${a} < <u32>${b})`;
    default:
      return `(${a} ${operators[operator]} ${b})`;
  }
}

function advance({ pointer, elements }: ValueOf<'advance'>, printer: LoopPrinter): string {
  const base = printer.value(pointer);
  if (elements.kind !== 'integer') return `(${base} + (<usize>${printer.value(elements)} << 2))`;
  return elements.value < 0
    ? `(${base} - ${-elementSize * elements.value})`
    : `(${base} + ${elementSize * elements.value})`;
}

function gather({ places }: ValueOf<'gather'>, printer: LoopPrinter): string {
  return places.reduce(
    (vector, place, lane) =>
      lane === 0
        ? `v128.load_zero<f32>(${addressOf(place, printer)})`
        : `v128.load_lane<f32>(${addressOf(place, printer, `${vector}, ${lane}`)})`,
    '',
  );
}

function apply(
  { function: called, operands }: ValueOf<'apply'>,
  fused: boolean,
  printer: LoopPrinter,
): string {
  const [a, b, c] = operands.map((operand) => printer.value(operand));
  const exponent = operands[1];
  if (called === 'power' && exponent?.kind === 'number' && exponent.value === 2)
    return `f32x4.mul(${a}, ${a})`;
  const form = forms[called];
  if (form.kind === 'multiply_add')
    return fused ? `f32x4.relaxed_madd(${a}, ${b}, ${c})` : `f32x4.add(f32x4.mul(${a}, ${b}), ${c})`;
  const name = form.kind === 'call' ? printer.helper(form.name) : form.name;
  return `${name}(${operands.length === 1 ? a : `${a}, ${b}`})`;
}

/** Whether two values are the same variable or number. */
function isSame(a: Value, b: Value): boolean {
  if (a.kind === 'number' && b.kind === 'number') return Object.is(a.value, b.value);
  return a.kind === 'variable' && b.kind === 'variable' && a.name === b.name;
}

function lanewise(
  { operator, left, right }: ValueOf<'lanewise'>,
  constants: Constants,
  printer: LoopPrinter,
): string {
  const a = printer.value(left);
  const word =
    right.kind === 'splat' && right.integer.kind === 'integer' ? printWord(right.integer.value) : undefined;
  if (operator === 'shift_left' || operator === 'shift_right')
    return `${laneInstructions[operator]}(${a}, ${word ?? ''})`;
  return `${laneInstructions[operator]}(${a}, ${word === undefined ? printer.value(right) : constants.integer(word)})`;
}

const laneInstructions: { readonly [operator in LaneOperator]: string } = {
  add: 'i32x4.add',
  subtract: 'i32x4.sub',
  and: 'v128.and',
  or: 'v128.or',
  shift_left: 'i32x4.shl',
  shift_right: 'i32x4.shr_s',
};

const operators = {
  add: '+',
  subtract: '-',
  multiply: '*',
  quotient: '/',
  remainder: '%',
  less: '<',
  equal: '==',
  unequal: '!=',
  both: '&',
} as const;

const comparisons = { less: 'lt', less_equal: 'le', equal: 'eq', unequal: 'ne' } as const;

/** A float32 literal. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'f32.NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
