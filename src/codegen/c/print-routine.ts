// One scheduled routine enters, one C function leaves. Every form of schedule-loops.ts has one way to be printed. Pointers are to
// floats and integers are `long`, so that nothing is converted where an address is computed.
import type { Place, Routine, Statement, Value, ValueType } from '../../ir/loops/type.ts';
import { namesInC } from './reserved.ts';

const types: { readonly [type in ValueType]: string } = {
  integer: 'long ',
  pointer: 'float *',
  vector: 'vec ',
  mask: 'ints ',
  integers: 'ints ',
};

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
  lanes: number,
): PrintedRoutine {
  const printer = new Printer(labels, lanes);
  const parameters = labels.map((_, i) => `float *${printer.local(`$${i}`)}`);
  const head = [...parameters, 'long first', 'long last', 'float *scratch'].join(', ');
  const body = printer.block(routine.body, '  ');
  // What a routine does not use is still given to it: all are called alike.
  const unused = ['first', 'last', 'scratch'].filter(
    (word) => !body.some((line) => new RegExp(`\\b${word}\\b`).test(line)),
  );
  const lines = [
    ...comment,
    `static void ${name}(${head}) {`,
    ...unused.map((word) => `  (void)${word};`),
    ...body,
    '}',
  ];
  return { text: lines.join('\n'), helpers: printer.helpers };
}

class Printer {
  readonly helpers = new Set<string>();
  private readonly names = namesInC();
  private readonly locals = new Map<string, string>();

  constructor(
    private readonly labels: readonly string[],
    private readonly lanes: number,
  ) {}

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
        const { type, mutable } = statement;
        const constant = mutable ? '' : 'const ';
        const declared = type === 'pointer' ? `float *${constant}` : `${constant}${types[type]}`;
        return [`${indent}${declared}${this.local(statement.name)} = ${bare(this.value(statement.value))};`];
      }
      case 'assign':
        return [`${indent}${this.local(statement.name)} = ${bare(this.value(statement.value))};`];
      case 'for': {
        const name = this.local(statement.name);
        const step = statement.step === 1 ? `${name}++` : `${name} += ${statement.step}`;
        const head = `for (long ${name} = ${this.value(statement.from)}; ${name} < ${this.value(statement.to)}; ${step}) {`;
        return [indent + head, ...this.block(statement.body, `${indent}  `), `${indent}}`];
      }
      case 'if':
        return [
          `${indent}if (${bare(this.value(statement.condition))}) {`,
          ...this.block(statement.body, `${indent}  `),
          `${indent}}`,
        ];
      case 'store':
        return [indent + this.store(statement)];
      case 'scatter':
        return this.scatter(statement, indent);
      case 'pairs': {
        const [left, right] = [this.value(statement.left), this.value(statement.right)];
        const { start, stride } = this.evenly(statement.places);
        return [`${indent}${this.helper('store_pairs')}(${start}, ${stride}, ${left}, ${right});`];
      }
      case 'transpose': {
        const { start, stride } = this.evenly(statement.places);
        const rows = statement.rows.map((row) => this.value(row)).join(', ');
        return [`${indent}${this.helper('store_transposed')}(${start}, ${stride}, (const vec[]){${rows}});`];
      }
      case 'tile': {
        const { a, b, depth, c, accumulate } = statement;
        const { rows, stride, step, vectors } = statement;
        const panel = stride === rows && step === 1;
        const layout = panel ? '' : step === 1 ? `_of_${stride}` : `_of_${stride}_by_${step}`;
        const call = this.helper(`tile_${rows}x${vectors}${layout}`);
        return [
          `${indent}${call}(${[a, b, depth, c, accumulate].map((value) => bare(this.value(value))).join(', ')});`,
        ];
      }
    }
  }

  private store({ place, value, count }: Statement & { kind: 'store' }): string {
    const [at, printed] = [this.pointer(place), bare(this.value(value))];
    if (!count || (count.kind === 'integer' && count.value >= this.lanes)) return `store(${at}, ${printed});`;
    if (count.kind === 'integer' && count.value === 1) return `*${wrapped(at)} = ${this.value(value)}[0];`;
    return `${this.helper('store_part')}(${at}, ${printed}, ${bare(this.value(count))});`;
  }

  private scatter({ places, value, count }: Statement & { kind: 'scatter' }, indent: string): string[] {
    return places.flatMap((place, lane) => {
      if (count?.kind === 'integer' && count.value <= lane) return [];
      const text = `*${wrapped(this.pointer(place))} = ${this.value(value)}[${lane}];`;
      return [
        count && count.kind !== 'integer' && lane > 0
          ? `${indent}if (${this.value(count)} > ${lane}) ${text}`
          : indent + text,
      ];
    });
  }

  /** Places that follow one another at equal distances. */
  private evenly(places: readonly Place[]): { readonly start: string; readonly stride: number } {
    const [head, next] = places;
    if (!head || !next) throw new Error('fewer than two places');
    const stride = next.offset - head.offset;
    const base = this.value(head.pointer);
    places.forEach(({ pointer, offset }, i) => {
      if (offset !== head.offset + i * stride || this.value(pointer) !== base)
        throw new Error('places at unequal distances');
    });
    return { start: this.pointer(head), stride: stride / 4 };
  }

  private pointer({ pointer, offset }: Place): string {
    const base = this.value(pointer);
    return offset === 0 ? bare(base) : `${base} + ${offset / 4}`;
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
        return `${this.helper('whole')}(${this.value(value.vector)}[${value.lane}])`;
      case 'advance':
        return this.advance(value);
      case 'number':
        return `all(${printFloat(value.value)})`;
      case 'load':
        if (value.count) return this.partialLoad(value.place, value.count);
        return value.spread
          ? `all(*${wrapped(this.pointer(value.place))})`
          : `load(${this.pointer(value.place)})`;
      case 'gather':
        return `(vec){${value.places.map((place) => `*${wrapped(this.pointer(place))}`).join(', ')}}`;
      case 'shuffle':
        return `__builtin_shufflevector(${[this.value(value.left), this.value(value.right), ...value.lanes].join(', ')})`;
      case 'apply':
        return this.apply(value);
      case 'select':
        return `choose(${[value.mask, value.yes, value.no].map((each) => bare(this.value(each))).join(', ')})`;
      case 'ones':
        return `choose(${bare(this.value(value.mask))}, all(1.0f), all(0.0f))`;
      case 'convert':
        return `__builtin_convertvector(${this.value(value.integers)}, vec)`;
      case 'across':
        return `${this.helper(value.reducer === 'sum' ? 'sum_across' : 'maximum_across')}(${bare(this.value(value.vector))})`;
      case 'random':
        return `${this.helper('uniform')}(${[value.index, ...value.words].map((each) => bare(this.value(each))).join(', ')})`;
      case 'compare':
        return `(${this.value(value.left)} ${comparisons[value.function]} ${this.value(value.right)})`;
      case 'inside':
        return `inside(${bare(this.value(value.integers))}, ${value.limit})`;
      case 'zero':
        return `(${this.value(value.integers)} == every(0))`;
      case 'lanes':
        return `(ints){${value.set.map((each) => (each ? -1 : 0)).join(', ')}}`;
      case 'all':
        return `every(-(int)${this.value(value.condition)})`;
      case 'both':
        return `(${this.value(value.left)} & ${this.value(value.right)})`;
      case 'spread':
        return `every((int)${this.value(value.integer)})`;
      case 'sequence':
        return `(ints){${value.values.join(', ')}}`;
      case 'pack':
        return `(ints){${value.values.map((each) => `(int)${this.value(each)}`).join(', ')}}`;
      case 'plus':
        return `(${this.value(value.left)} + ${this.value(value.right)})`;
    }
  }

  private partialLoad(place: Place, count: Value): string {
    const at = this.pointer(place);
    if (count.kind === 'integer' && count.value >= this.lanes) return `load(${at})`;
    return `${this.helper('load_part')}(${at}, ${bare(this.value(count))})`;
  }

  private arithmetic({ operator, left, right }: Value & { kind: 'arithmetic' }): string {
    const [a, b] = [this.value(left), this.value(right)];
    switch (operator) {
      case 'minimum':
        return `least(${bare(a)}, ${bare(b)})`;
      case 'unsigned_less':
        return `((unsigned long)${a} < ${b})`;
      default:
        return `(${a} ${operators[operator]} ${b})`;
    }
  }

  private advance({ pointer, elements }: Value & { kind: 'advance' }): string {
    const base = this.value(pointer);
    if (elements.kind !== 'integer') return `(${base} + ${this.value(elements)})`;
    return elements.value < 0 ? `(${base} - ${-elements.value})` : `(${base} + ${elements.value})`;
  }

  private apply({ function: called, operands }: Value & { kind: 'apply' }): string {
    const [base, other] = operands;
    if (!base) throw new Error(`${called} without operands`);
    if (called === 'power' && other?.kind === 'number' && other.value === 2)
      return `${this.helper('squared')}(${bare(this.value(base))})`;
    const sign = signs.get(called);
    if (sign !== undefined && other) return `(${this.value(base)} ${sign} ${this.value(other)})`;
    if (called === 'negate') return `(-${this.value(base)})`;
    // A number first: it is no NaN, and then one instruction does.
    const swap = (called === 'maximum' || called === 'minimum') && other?.kind === 'number';
    const ordered = swap ? [other, base] : operands;
    const printed = ordered.map((operand) => bare(this.value(operand))).join(', ');
    return `${this.helper(names.get(called) ?? called)}(${printed})`;
  }
}

const signs: ReadonlyMap<string, string> = new Map([
  ['add', '+'],
  ['subtract', '-'],
  ['multiply', '*'],
  ['divide', '/'],
]);

/** Where the C library has the function's name, the vectors' is another. */
const names: ReadonlyMap<string, string> = new Map(
  ['exp', 'log', 'tanh', 'erf', 'sin', 'cos', 'sqrt', 'floor', 'abs'].map((name) => [name, `${name}_of`]),
);

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

/** Without the parentheses around the whole, where there are such. */
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
