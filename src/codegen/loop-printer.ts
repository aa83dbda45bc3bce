// Prints a routine of loops. A language is a dialect: a record with one function per kind of value and statement. What the languages
// share (names, blocks, helper calls, partial stores) is here.
import type { LoopFunction, Place, Routine, Statement, Value, ValueType } from '../ir/loops/type.ts';
import type { Names } from './names.ts';

type ValueKind = Value['kind'];
export type ValueOf<K extends ValueKind> = Extract<Value, { readonly kind: K }>;
export type StatementOf<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

/** The parameters of every routine besides its buffers. */
export const commonParameters = ['first', 'last', 'scratch'] as const;
type CommonParameter = (typeof commonParameters)[number];

/** A tile of sums and the layout of its left operand: see the statement `tile`. */
export type TileForm = Pick<StatementOf<'tile'>, 'rows' | 'vectors' | 'stride' | 'step'>;

/** Each function returns a value's text, or the lines of one statement, not indented. */
export interface Dialect {
  /** Drops outer parentheses, for contexts that need none. */
  readonly alone: (text: string) => string;
  readonly declare: (type: ValueType, name: string, value: string, isMutable: boolean) => string;
  readonly loopHead: (name: string, from: string, to: string, step: number) => string;
  readonly values: {
    readonly [K in Exclude<ValueKind, 'variable' | 'integer'>]: (
      value: ValueOf<K>,
      printer: LoopPrinter,
    ) => string;
  };
  readonly store: (statement: StatementOf<'store'>, printer: LoopPrinter) => readonly string[];
  /** Stores one lane of a vector. */
  readonly storeLane: (place: Place, vector: Value, lane: number, printer: LoopPrinter) => string;
  readonly pairs: (statement: StatementOf<'pairs'>, printer: LoopPrinter) => readonly string[];
  readonly transpose: (statement: StatementOf<'transpose'>, printer: LoopPrinter) => string;
  /** The name of a tile's microkernel. */
  readonly tileName: (form: TileForm) => string;
}

export interface PrintedBody {
  readonly lines: readonly string[];
  /** The helper functions called so far, microkernels included. */
  readonly helpers: ReadonlySet<string>;
  readonly tiles: ReadonlyMap<string, TileForm>;
  readonly unused: readonly CommonParameter[];
}

export type PrintedFunction = Pick<PrintedBody, 'lines' | 'helpers'>;

/** `labels`: readable names of the buffers behind the parameters. `names` allocates the identifiers. */
export class LoopPrinter {
  private readonly helpers = new Set<string>();
  private readonly tiles = new Map<string, TileForm>();
  private readonly locals = new Map<string, string>();
  private readonly used = new Set<string>();

  constructor(
    private readonly dialect: Dialect,
    private readonly names: Names,
    private readonly labels: readonly string[] = [],
  ) {}

  /** The identifiers of the pointers to buffers. */
  parameters(): readonly string[] {
    return this.labels.map((_, i) => this.local(`$${i}`));
  }

  print(routine: Routine, indent: string): PrintedBody {
    const lines = this.block(routine.body, indent);
    const unused = commonParameters.filter((name) => !this.used.has(name));
    return { lines, helpers: this.helpers, tiles: this.tiles, unused };
  }

  /** The lines of a vector function; the last one returns its result. */
  printFunction({ body, result }: LoopFunction, indent: string): PrintedFunction {
    const lines = [...this.block(body, indent), `${indent}return ${this.alone(result)};`];
    return { lines, helpers: this.helpers };
  }

  /** The identifier of a variable; `$n` in its name is replaced by the name of parameter n. */
  private local(raw: string): string {
    if ((commonParameters as readonly string[]).includes(raw)) return raw;
    const known = this.locals.get(raw);
    if (known !== undefined) return known;
    const wish = raw.replace(/\$(\d+)/g, (_, index: string) => this.labels[Number(index)] ?? 'buffer');
    const name = this.names.fresh(wish);
    this.locals.set(raw, name);
    return name;
  }

  /** Records the call of a helper function and returns its name. */
  helper(name: string): string {
    this.helpers.add(name);
    return name;
  }

  value(value: Value): string {
    if (value.kind === 'integer') return String(value.value);
    if (value.kind === 'variable') {
      this.used.add(value.name);
      return this.local(value.name);
    }
    // TypeScript cannot type this lookup: the record maps each kind to a function of exactly that kind.
    const print = this.dialect.values[value.kind] as (each: Value, printer: LoopPrinter) => string;
    return print(value, this);
  }

  /** A value as a complete argument or right-hand side, without outer parentheses. */
  alone(value: Value): string {
    return this.dialect.alone(this.value(value));
  }

  private block(statements: readonly Statement[], indent: string): string[] {
    return statements.flatMap((statement) => this.statement(statement, indent));
  }

  private statement(statement: Statement, indent: string): readonly string[] {
    const { dialect } = this;
    const indented = (lines: readonly string[]) => lines.map((line) => indent + line);
    const around = (head: string, body: readonly Statement[]) => [
      `${indent}${head} {`,
      ...this.block(body, `${indent}  `),
      `${indent}}`,
    ];
    switch (statement.kind) {
      case 'comment':
        return indented([`// ${statement.text}`]);
      case 'let': {
        const name = this.local(statement.name);
        return indented([
          dialect.declare(statement.type, name, this.alone(statement.value), statement.mutable),
        ]);
      }
      case 'assign':
        return indented([`${this.local(statement.name)} = ${this.alone(statement.value)};`]);
      case 'for': {
        const name = this.local(statement.name);
        const [from, to] = [this.value(statement.from), this.value(statement.to)];
        return around(dialect.loopHead(name, from, to, statement.step), statement.body);
      }
      case 'if':
        return around(`if (${this.alone(statement.condition)})`, statement.body);
      case 'store':
        return indented(dialect.store(statement, this));
      case 'scatter':
        return indented(this.scatter(statement));
      case 'pairs':
        return indented(dialect.pairs(statement, this));
      case 'transpose':
        return indented([dialect.transpose(statement, this)]);
      case 'tile':
        return indented([this.tile(statement)]);
      default:
        return statement satisfies never;
    }
  }

  /** Stores the first `count` lanes one by one. */
  private scatter({ places, value, count }: StatementOf<'scatter'>): readonly string[] {
    return places.flatMap((place, lane) => {
      if (count?.kind === 'integer' && count.value <= lane) return [];
      const text = this.dialect.storeLane(place, value, lane, this);
      const isCertain = !count || count.kind === 'integer' || lane === 0;
      return [isCertain ? text : `if (${this.value(count)} > ${lane}) ${text}`];
    });
  }

  private tile({ rows, vectors, stride, step, a, b, depth, c, accumulate }: StatementOf<'tile'>): string {
    const form = { rows, vectors, stride, step };
    const name = this.helper(this.dialect.tileName(form));
    this.tiles.set(name, form);
    return `${name}(${[a, b, depth, c, accumulate].map((each) => this.alone(each)).join(', ')});`;
  }
}

/** The part of a microkernel's name that tells the layout of its left operand; empty for a packed panel of `rows` rows. */
export function layoutName({ rows, stride, step }: TileForm, between: string): string {
  if (stride === rows && step === 1) return '';
  const panel = `${between}of${between}${stride}`;
  return step === 1 ? panel : `${panel}${between}by${between}${step}`;
}

/** An integer used as a bit pattern: in hexadecimal unless it is small. */
export function printWord(value: number): string {
  return value < 2 ** 16 ? String(value) : `0x${value.toString(16)}`;
}
