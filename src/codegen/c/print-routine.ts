// The C dialect. Pointers are to floats and integers are `long`, so that address arithmetic needs no conversions.
import {
  elementSize,
  variable,
  type LaneOperator,
  type LoopFunction,
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
import { forms } from './functions.ts';
import { namesInC } from './reserved.ts';

const types: { readonly [type in ValueType]: string } = {
  integer: 'long ',
  pointer: 'float *',
  vector: 'vec ',
  mask: 'ints ',
  integers: 'ints ',
};

export interface PrintedRoutine extends Pick<PrintedBody, 'helpers' | 'tiles'> {
  readonly text: string;
}

/** `labels`: readable names of the buffers behind the parameters. */
export function printRoutine(
  routine: Routine,
  name: string,
  labels: readonly string[],
  comment: readonly string[],
  lanes: number,
): PrintedRoutine {
  const printer = new LoopPrinter(dialect(lanes), namesInC(), labels);
  const parameters = printer.parameters().map((pointer) => `float *${pointer}`);
  const head = [...parameters, 'long first', 'long last', 'float *scratch'].join(', ');
  const { lines, unused, helpers, tiles } = printer.print(routine, '  ');
  // Unused parameters are kept: all routines have the same signature.
  const text = [
    ...comment,
    `static void ${name}(${head}) {`,
    ...unused.map((word) => `  (void)${word};`),
    ...lines,
    '}',
  ];
  return { text: text.join('\n'), helpers, tiles };
}

/** Prints a vector function; `helpers` lists its callees. */
export function printFunction(
  { comment, parameter, body, result }: LoopFunction,
  name: string,
  lanes: number,
): { readonly text: string; readonly helpers: ReadonlySet<string> } {
  const printer = new LoopPrinter(dialect(lanes), namesInC());
  const head = `static inline vec ${name}(vec ${printer.value(variable(parameter, 'vector'))}) {`;
  const { lines, helpers } = printer.printFunction({ comment, parameter, body, result }, '  ');
  return { text: [`/** ${comment} */`, head, ...lines, '}'].join('\n'), helpers };
}

const dialect = (lanes: number): Dialect => ({
  alone: bare,
  declare: (type, name, value, isMutable) => {
    const constant = isMutable ? '' : 'const ';
    const declared = type === 'pointer' ? `float *${constant}` : `${constant}${types[type]}`;
    return `${declared}${name} = ${value};`;
  },
  loopHead: (name, from, to, step) =>
    `for (long ${name} = ${from}; ${name} < ${to}; ${step === 1 ? `${name}++` : `${name} += ${step}`})`,
  values: { ...values, load: (value, printer) => load(value, lanes, printer) },
  store: (statement, printer) => [store(statement, lanes, printer)],
  storeLane: (place, vector, lane, printer) =>
    `*${wrapped(pointerTo(place, printer))} = ${printer.value(vector)}[${lane}];`,
  pairs: ({ left, right, places }, printer) => {
    const operands = [left, right].map((each) => printer.value(each));
    const { start, stride } = evenly(places, printer);
    return [`${printer.helper('store_pairs')}(${[start, stride, ...operands].join(', ')});`];
  },
  transpose: ({ rows, places }, printer) => {
    const { start, stride } = evenly(places, printer);
    const lines = rows.map((row) => printer.value(row)).join(', ');
    return `${printer.helper('store_transposed')}(${start}, ${stride}, (const vec[]){${lines}});`;
  },
  tileName: (form) => `tile_${form.rows}x${form.vectors}${layoutName(form, '_')}`,
});

const values: Omit<Dialect['values'], 'load'> = {
  arithmetic,
  advance,
  apply,
  to_integer: ({ vector, lane }, printer) =>
    `${printer.helper('to_integer')}(${printer.value(vector)}[${lane}])`,
  number: ({ value }) => `splat(${printFloat(value)})`,
  gather: ({ places }, printer) =>
    `(vec){${places.map((place) => `*${wrapped(pointerTo(place, printer))}`).join(', ')}}`,
  shuffle: ({ left, right, lanes }, printer) =>
    `__builtin_shufflevector(${[printer.value(left), printer.value(right), ...lanes].join(', ')})`,
  select: ({ mask, yes, no }, printer) =>
    `choose(${[mask, yes, no].map((each) => printer.alone(each)).join(', ')})`,
  mask_to_float: ({ mask }, printer) => `choose(${printer.alone(mask)}, splat(1.0f), splat(0.0f))`,
  convert: ({ integers }, printer) => `__builtin_convertvector(${printer.value(integers)}, vec)`,
  reduce_lanes: ({ reducer, vector }, printer) =>
    `${printer.helper(reducer === 'sum' ? 'sum_across' : 'maximum_across')}(${printer.alone(vector)})`,
  random: ({ index, words }, printer) =>
    `${printer.helper('uniform')}(${[index, ...words].map((each) => printer.alone(each)).join(', ')})`,
  compare: ({ function: called, left, right }, printer) =>
    `(${printer.value(left)} ${comparisons[called]} ${printer.value(right)})`,
  inside: ({ integers, limit }, printer) => `inside(${printer.alone(integers)}, ${limit})`,
  zero: ({ integers }, printer) => `(${printer.value(integers)} == splat_int(0))`,
  lanes: ({ set }) => `(ints){${set.map((each) => (each ? -1 : 0)).join(', ')}}`,
  splat_mask: ({ condition }, printer) => `splat_int(-(int)${printer.value(condition)})`,
  both: ({ left, right }, printer) => `(${printer.value(left)} & ${printer.value(right)})`,
  splat: ({ integer }, printer) => `splat_int((int)${printer.value(integer)})`,
  sequence: ({ values: each }) => `(ints){${each.join(', ')}}`,
  pack: ({ values: each }, printer) =>
    `(ints){${each.map((value) => `(int)${printer.value(value)}`).join(', ')}}`,
  lanewise,
  bits: ({ vector }, printer) => `((ints)${printer.value(vector)})`,
  from_bits: ({ integers }, printer) => `((vec)${printer.value(integers)})`,
  with_sign: ({ size, sign }, printer) =>
    `${printer.helper('with_sign')}(${printer.alone(size)}, ${printer.alone(sign)})`,
};

function store({ place, value, count }: StatementOf<'store'>, lanes: number, printer: LoopPrinter): string {
  const [at, printed] = [pointerTo(place, printer), printer.alone(value)];
  if (!count || (count.kind === 'integer' && count.value >= lanes)) return `store(${at}, ${printed});`;
  if (count.kind === 'integer' && count.value === 1) return `*${wrapped(at)} = ${printer.value(value)}[0];`;
  return `${printer.helper('store_part')}(${at}, ${printed}, ${printer.alone(count)});`;
}

function load({ place, splat, count }: ValueOf<'load'>, lanes: number, printer: LoopPrinter): string {
  const at = pointerTo(place, printer);
  if (splat) return `splat(*${wrapped(at)})`;
  if (!count || (count.kind === 'integer' && count.value >= lanes)) return `load(${at})`;
  return `${printer.helper('load_part')}(${at}, ${printer.alone(count)})`;
}

/** Places at a constant stride. */
function evenly(
  places: readonly Place[],
  printer: LoopPrinter,
): { readonly start: string; readonly stride: number } {
  const [head, next] = places;
  if (!head || !next) throw new Error('fewer than two places');
  const stride = next.offset - head.offset;
  const base = printer.value(head.pointer);
  places.forEach(({ pointer, offset }, i) => {
    if (offset !== head.offset + i * stride || printer.value(pointer) !== base)
      throw new Error('places at unequal distances');
  });
  return { start: pointerTo(head, printer), stride: stride / elementSize };
}

function pointerTo({ pointer, offset }: Place, printer: LoopPrinter): string {
  const base = printer.value(pointer);
  return offset === 0 ? bare(base) : `${base} + ${offset / elementSize}`;
}

function arithmetic({ operator, left, right }: ValueOf<'arithmetic'>, printer: LoopPrinter): string {
  const [a, b] = [printer.value(left), printer.value(right)];
  switch (operator) {
    case 'minimum':
      return `least(${bare(a)}, ${bare(b)})`;
    case 'unsigned_less':
      return `((unsigned long)${a} < ${b})`;
    default:
      return `(${a} ${operators[operator]} ${b})`;
  }
}

function advance({ pointer, elements }: ValueOf<'advance'>, printer: LoopPrinter): string {
  const base = printer.value(pointer);
  if (elements.kind !== 'integer') return `(${base} + ${printer.value(elements)})`;
  return elements.value < 0 ? `(${base} - ${-elements.value})` : `(${base} + ${elements.value})`;
}

function apply({ function: called, operands }: ValueOf<'apply'>, printer: LoopPrinter): string {
  const [base, other, third] = operands;
  if (!base) throw new Error(`${called} without operands`);
  if (called === 'power' && other?.kind === 'number' && other.value === 2)
    return `${printer.helper('squared')}(${printer.alone(base)})`;
  const form = forms[called];
  const value = (operand: Value | undefined) => (operand ? printer.value(operand) : '');
  const calling = (name: string, ...given: readonly Value[]) =>
    `${printer.helper(name)}(${given.map((operand) => printer.alone(operand)).join(', ')})`;
  switch (form.kind) {
    case 'infix':
      return `(${value(base)} ${form.sign} ${value(other)})`;
    case 'minus':
      return `(-${value(base)})`;
    case 'multiply_add':
      return `(${value(base)} * ${value(other)} + ${value(third)})`;
    case 'extreme':
      // A number goes first: it is not NaN, so that a single instruction suffices.
      return other?.kind === 'number' ? calling(form.name, other, base) : calling(form.name, ...operands);
    case 'call':
      return calling(form.name, ...operands);
    default:
      return form satisfies never;
  }
}

function lanewise({ operator, left, right }: ValueOf<'lanewise'>, printer: LoopPrinter): string {
  const word =
    right.kind === 'splat' && right.integer.kind === 'integer' ? printWord(right.integer.value) : undefined;
  const shifts = operator === 'shift_left' || operator === 'shift_right';
  const second = word === undefined ? printer.value(right) : shifts ? word : `splat_int(${word})`;
  return `(${printer.value(left)} ${laneOperators[operator]} ${second})`;
}

const laneOperators: { readonly [operator in LaneOperator]: string } = {
  add: '+',
  subtract: '-',
  and: '&',
  or: '|',
  shift_left: '<<',
  shift_right: '>>',
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

const comparisons = { less: '<', less_equal: '<=', equal: '==', unequal: '!=' } as const;

/** Drops the outer parentheses, if any. */
function bare(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')') depth--;
    if (depth === 0) return text;
  }
  return text.slice(1, -1);
}

function wrapped(pointer: string): string {
  return /^\w+$/.test(pointer) ? pointer : `(${pointer})`;
}

/** A float literal. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'NAN';
  if (!Number.isFinite(value)) return value > 0 ? 'INFINITY' : '-INFINITY';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}
