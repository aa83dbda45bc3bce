// One scheduled routine enters, one AssemblyScript function leaves. Every form of schedule-loops.ts has one way to be printed.
import type { Place, Routine, Statement, Value, ValueType } from '../../ir/loops/type.ts';
import { Names } from '../names.ts';
import { RoutineConstants, type ConstantTable } from './constants.ts';
import { helpers } from './mathematics.ts';

const types: { readonly [type in ValueType]: string } = {
  integer: 'i32',
  pointer: 'usize',
  vector: 'v128',
  mask: 'v128',
  integers: 'v128',
};

/** What a name must not hide: AssemblyScript's own and the module's helpers. */
export const builtins = [
  ...helpers.keys(),
  ...[
    'uniform',
    'run',
    'work',
    'wake',
    'changes',
    'sleepWhile',
    'waitForOthers',
    'fewest',
    'hasty',
    'lull',
    'arrived',
    'generation',
    'sleeping',
    'job',
    'program',
    'patience',
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
  ...['load', 'store', 'select', 'first', 'last', 'scratch', 'thread', 'threads', 'barrier', 'part'],
];

export interface PrintedRoutine {
  readonly text: string;
  /** The helper functions it calls. */
  readonly helpers: ReadonlySet<string>;
}

/** `labels`: names for people of the buffers that the parameters point to. */
export function printRoutine(
  routine: Routine,
  name: string,
  labels: readonly string[],
  comment: readonly string[],
  table: ConstantTable,
): PrintedRoutine {
  const printer = new Printer(labels, table);
  const parameters = labels.map((_, i) => `${printer.local(`$${i}`)}: usize`);
  const head = [...parameters, 'first: i32', 'last: i32', 'scratch: usize'].join(', ');
  const body = printer.block(routine.body, '  ');
  const lines = [
    ...comment,
    `function ${name}(${head}): void {`,
    ...printer.constants.head('  '),
    ...body,
    '}',
  ];
  return { text: lines.join('\n'), helpers: printer.helpers };
}

class Printer {
  readonly helpers = new Set<string>();
  private readonly names = new Names(builtins);
  private readonly locals = new Map<string, string>();

  readonly constants: RoutineConstants;

  constructor(
    private readonly labels: readonly string[],
    table: ConstantTable,
  ) {
    this.constants = new RoutineConstants(table, this.names);
  }

  /** The identifier of a variable; `$n` in its name is parameter n's. */
  local(raw: string): string {
    if (raw === 'first' || raw === 'last' || raw === 'scratch') return raw;
    const known = this.locals.get(raw);
    if (known !== undefined) return known;
    const wish = raw.replace(/\$(\d+)/g, (_, index: string) => this.labels[Number(index)] ?? 'buffer');
    const name = this.names.fresh(wish);
    this.locals.set(raw, name);
    return name;
  }

  block(statements: readonly Statement[], indent: string): string[] {
    return statements.flatMap((statement) => this.statement(statement, indent));
  }

  private statement(statement: Statement, indent: string): string[] {
    switch (statement.kind) {
      case 'comment':
        return [`${indent}// ${statement.text}`];
      case 'let': {
        const keyword = statement.mutable ? 'let' : 'const';
        return [
          `${indent}${keyword} ${this.local(statement.name)}: ${types[statement.type]} = ${this.value(statement.value)};`,
        ];
      }
      case 'assign':
        return [`${indent}${this.local(statement.name)} = ${this.value(statement.value)};`];
      case 'for': {
        const name = this.local(statement.name);
        const step = statement.step === 1 ? `${name}++` : `${name} += ${statement.step}`;
        const head = `for (let ${name}: i32 = ${this.value(statement.from)}; ${name} < ${this.value(statement.to)}; ${step}) {`;
        return [indent + head, ...this.block(statement.body, `${indent}  `), `${indent}}`];
      }
      case 'if':
        return [
          `${indent}if (${this.value(statement.condition)}) {`,
          ...this.block(statement.body, `${indent}  `),
          `${indent}}`,
        ];
      case 'store':
        return this.store(statement, indent);
      case 'scatter':
        return statement.places.flatMap((place, lane) => {
          const { count } = statement;
          if (count?.kind === 'integer' && count.value <= lane) return [];
          const text = `v128.store_lane<f32>(${this.place(place, `${this.value(statement.value)}, ${lane}`)});`;
          return [
            count && count.kind !== 'integer' && lane > 0
              ? `${indent}if (${this.value(count)} > ${lane}) ${text}`
              : indent + text,
          ];
        });
      case 'pairs': {
        const operands = `${this.value(statement.left)}, ${this.value(statement.right)}`;
        return [0, 1].flatMap((half) => {
          const lanes = half === 0 ? '0, 4, 1, 5' : '2, 6, 3, 7';
          return statement.places.slice(2 * half, 2 * half + 2).map((place, lane) => {
            const pair = this.place(place, `v128.shuffle<f32>(${operands}, ${lanes}), ${lane}`);
            return `${indent}v128.store_lane<i64>(${pair});`;
          });
        });
      }
      case 'transpose': {
        const pointers = statement.places.map((place) => this.pointer(place));
        const rows = statement.rows.map((row) => this.value(row));
        return [`${indent}${this.helper('storeTransposed')}(${[...pointers, ...rows].join(', ')});`];
      }
      case 'tile': {
        const { a, b, depth, c, accumulate } = statement;
        const { rows, stride, step, vectors } = statement;
        const panel = stride === rows && step === 1;
        const layout = panel ? '' : step === 1 ? `of${stride}` : `of${stride}by${step}`;
        const call = this.helper(`tile${rows}x${vectors}${layout}`);
        return [
          `${indent}${call}(${[a, b, depth, c, accumulate].map((value) => this.value(value)).join(', ')});`,
        ];
      }
    }
  }

  private store({ place, value, count }: Statement & { kind: 'store' }, indent: string): string[] {
    const printed = this.value(value);
    if (!count || (count.kind === 'integer' && count.value >= 4))
      return [`${indent}v128.store(${this.place(place, printed)});`];
    if (count.kind !== 'integer')
      return [
        `${indent}${this.helper('storePart')}(${this.pointer(place)}, ${printed}, ${this.value(count)});`,
      ];
    const lanes = { pointer: place.pointer, offset: place.offset + (count.value === 3 ? 8 : 0) };
    const pair = `${indent}v128.store_lane<i64>(${this.place(place, `${printed}, 0`)});`;
    const single = `${indent}v128.store_lane<f32>(${this.place(lanes, `${printed}, ${count.value === 3 ? 2 : 0}`)});`;
    return [...(count.value >= 2 ? [pair] : []), ...(count.value !== 2 ? [single] : [])];
  }

  /** The arguments of a load or store: pointer, what else it takes, offset. */
  private place({ pointer, offset }: Place, middle?: string): string {
    return [
      this.value(pointer),
      ...(middle === undefined ? [] : [middle]),
      ...(offset === 0 ? [] : [offset]),
    ].join(', ');
  }

  private pointer({ pointer, offset }: Place): string {
    return offset === 0 ? this.value(pointer) : `${this.value(pointer)} + ${offset}`;
  }

  private helper(name: string): string {
    this.helpers.add(name);
    return name;
  }

  value(value: Value): string {
    switch (value.kind) {
      case 'variable':
        return this.local(value.name);
      case 'integer':
        return String(value.value);
      case 'arithmetic':
        return this.arithmetic(value);
      case 'whole':
        return `i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(${this.value(value.vector)}), ${value.lane})`;
      case 'advance':
        return this.advance(value);
      case 'number':
        if (Object.is(value.value, 0)) return 'f32x4.splat(0.0)';
        return this.constants.name(printFloat(value.value));
      case 'load':
        return `${value.spread ? 'v128.load_splat<f32>' : 'v128.load'}(${this.place(value.place)})`;
      case 'gather':
        return this.gather(value.places);
      case 'shuffle':
        return `v128.shuffle<f32>(${this.value(value.left)}, ${this.value(value.right)}, ${value.lanes.join(', ')})`;
      case 'apply':
        return this.apply(value);
      case 'select':
        return this.select(value);
      case 'ones':
        return `v128.and(${this.value(value.mask)}, ${this.constants.name('1.0')})`;
      case 'convert':
        return `f32x4.convert_i32x4_s(${this.value(value.integers)})`;
      case 'across':
        return `${this.helper(value.reducer === 'sum' ? 'sumAcross' : 'maximumAcross')}(${this.value(value.vector)})`;
      case 'random':
        return `${this.helper('uniform')}(${[value.index, ...value.words].map((each) => this.value(each)).join(', ')})`;
      case 'compare':
        return `f32x4.${comparisons[value.function]}(${this.value(value.left)}, ${this.value(value.right)})`;
      case 'inside':
        return `i32x4.lt_u(${this.value(value.integers)}, i32x4.splat(${value.limit}))`;
      case 'zero':
        return `i32x4.eq(${this.value(value.integers)}, i32x4.splat(0))`;
      case 'lanes':
        return `i32x4(${value.set.map((each) => (each ? -1 : 0)).join(', ')})`;
      case 'all':
        return `i32x4.splat(-<i32>${this.value(value.condition)})`;
      case 'both':
        return `v128.and(${this.value(value.left)}, ${this.value(value.right)})`;
      case 'spread':
        return `i32x4.splat(${this.value(value.integer)})`;
      case 'sequence':
        return `i32x4(${value.values.join(', ')})`;
      case 'pack':
        return value.values
          .slice(1)
          .reduce(
            (vector, lane, i) => `i32x4.replace_lane(${vector}, ${i + 1}, ${this.value(lane)})`,
            `i32x4.splat(${this.value(value.values[0] ?? { kind: 'integer', value: 0 })})`,
          );
      case 'plus':
        return `i32x4.add(${this.value(value.left)}, ${this.value(value.right)})`;
    }
  }

  /** Zero is all bits clear: one instruction does. */
  private select({ mask, yes, no }: Value & { kind: 'select' }): string {
    const printed = this.value(mask);
    if (no.kind === 'number' && Object.is(no.value, 0)) return `v128.and(${this.value(yes)}, ${printed})`;
    if (yes.kind === 'number' && Object.is(yes.value, 0)) return `v128.andnot(${this.value(no)}, ${printed})`;
    return `v128.bitselect(${this.value(yes)}, ${this.value(no)}, ${printed})`;
  }

  private arithmetic({ operator, left, right }: Value & { kind: 'arithmetic' }): string {
    const [a, b] = [this.value(left), this.value(right)];
    switch (operator) {
      case 'minimum':
        return `min<i32>(${a}, ${b})`;
      case 'unsigned_less':
        return `(<u32>${a} < <u32>${b})`;
      default:
        return `(${a} ${operators[operator]} ${b})`;
    }
  }

  private advance({ pointer, elements }: Value & { kind: 'advance' }): string {
    const base = this.value(pointer);
    if (elements.kind !== 'integer') return `(${base} + (<usize>${this.value(elements)} << 2))`;
    return elements.value < 0 ? `(${base} - ${-4 * elements.value})` : `(${base} + ${4 * elements.value})`;
  }

  private gather(places: readonly Place[]): string {
    return places.reduce(
      (vector, place, lane) =>
        lane === 0
          ? `v128.load_zero<f32>(${this.place(place)})`
          : `v128.load_lane<f32>(${this.place(place, `${vector}, ${lane}`)})`,
      '',
    );
  }

  private apply({ function: called, operands }: Value & { kind: 'apply' }): string {
    const [base, exponent] = operands;
    if (called === 'power' && base && exponent?.kind === 'number' && exponent.value === 2) {
      const text = this.value(base);
      return `f32x4.mul(${text}, ${text})`;
    }
    const native = instructions.get(called);
    const printed = operands.map((operand) => this.value(operand)).join(', ');
    if (called === 'multiply_add') return `${this.helper('multiplyAdd')}(${printed})`;
    return `${native ? `f32x4.${native}` : this.helper(`${called}4`)}(${printed})`;
  }
}

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

const instructions: ReadonlyMap<string, string> = new Map([
  ['add', 'add'],
  ['subtract', 'sub'],
  ['multiply', 'mul'],
  ['divide', 'div'],
  ['minimum', 'min'],
  ['maximum', 'max'],
  ['negate', 'neg'],
  ['sqrt', 'sqrt'],
  ['abs', 'abs'],
  ['floor', 'floor'],
]);

/** A float32 literal. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'f32.NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
