// Prints formulas with indices, for sliding windows: convolutions and poolings.
import { labelsOf } from './contraction-form.ts';
import { listOf, product, type Applied, type Formula, type Position } from './formula.ts';
import { axisName, positionName, rangeName, type Naming } from './naming.ts';
import { writtenName } from './notation.ts';
import { FormulaPrinter } from './print-formula.ts';
import type { Line } from './read-lines.ts';
import { recognize } from './recognize.ts';
import { onlyOnes } from './wants-indices.ts';

/** The printed parts of a line. */
export type PrintedLine = Pick<Line, 'name' | 'formula' | 'place' | 'stacked'>;

/** The two sides of an equation. */
export function printIndexed(
  { name, formula, stacked }: PrintedLine,
  naming: Naming,
  position?: string,
): readonly [string, string] {
  const printer = new IndexedPrinter(naming);
  const index = formula.shape.map((size) => printer.letter(size));
  const full = [...index];
  if (position !== undefined && stacked)
    full.splice(stacked.axis, index.length < stacked.shape.length ? 0 : 1, position);
  else if (position !== undefined) full.unshift(position);
  return [naming.notation.indexed(name, full), printer.write(formula, index, false)];
}

const letters: ReadonlyMap<string, string> = new Map([
  ['batch', 'n'],
  ['channels', 'o'],
  ['out', 'o'],
  ['hidden', 'o'],
]);

class IndexedPrinter {
  private readonly taken = new Set<string>();

  constructor(private readonly naming: Naming) {}

  /** An unused index: the axis' first letter, if it is free. */
  letter(size: number, preferred?: string): string {
    if (size === 1) return '0';
    const name = axisName(this.naming, size);
    const known = /^[A-Za-z]+$/.test(name) ? name.charAt(0).toLowerCase() : name.endsWith('′') ? 'p' : 'i';
    const own = preferred ?? letters.get(name) ?? known;
    const choices = [own, ...(own === 'p' ? 'q' : own === 'i' ? 'j' : ''), ...'pqrtuvabcdeghkm'];
    const free = choices.find((choice) => !this.taken.has(choice)) ?? `${own}${this.taken.size}`;
    this.taken.add(free);
    return free;
  }

  /** @param tight whether a sum needs parentheses */
  write(formula: Formula, index: readonly string[], tight: boolean): string {
    const { notation } = this.naming;
    switch (formula.kind) {
      case 'symbol':
        return this.symbol(formula.name, formula.position, index);
      case 'row': {
        const inner = [...index];
        const dropped = formula.shape.length < formula.of.shape.length ? 0 : 1;
        inner.splice(formula.axis, dropped, positionName(this.naming, formula.position));
        return this.write(formula.of, inner, tight);
      }
      case 'over': {
        const { names, body } = this.summand(formula, index);
        return tight ? notation.parentheses(notation.sum(names) + body) : notation.sum(names) + body;
      }
      case 'number':
        return new FormulaPrinter(this.naming).print(formula);
      case 'sum': {
        const text = [...formula.terms]
          .sort((a, b) => Number(isSum(a)) - Number(isSum(b)))
          .map((term, i) => {
            const negative = term.kind === 'product' && term.coefficient < 0;
            const positive = negative
              ? product(term.shape, [term, { kind: 'number', value: -1, shape: term.shape }])
              : term;
            const sign = negative ? ` ${notation.minus} ` : i > 0 ? ' + ' : '';
            return sign + this.write(positive, index, i < formula.terms.length - 1 && isSum(positive));
          })
          .join('');
        return tight ? notation.parentheses(text) : text;
      }
      case 'product': {
        const { over, under } = recognize(
          Math.abs(formula.coefficient),
          this.naming.sizes,
          this.naming.numbers,
        );
        const scale = [
          ...over.filter((text) => text !== '1'),
          ...(under.length > 0 ? [`1/${under.length > 1 ? `(${under.join(' ')})` : under.join('')}`] : []),
        ].map((text) => notation.constant(text));
        const ordered = [...formula.factors].sort((a, b) => Number(isSum(a)) - Number(isSum(b)));
        const factors = ordered.map((factor) => this.write(factor, index, true));
        const sign = formula.coefficient < 0 ? notation.minus : '';
        const top = `${sign}${[...scale, ...factors].join(' ')}`;
        if (formula.divisors.length === 0) return top;
        const bottom = formula.divisors.map((divisor) => this.write(divisor, index, true)).join(' ');
        return notation.fraction(top, formula.divisors.length > 1 ? notation.parentheses(bottom) : bottom);
      }
      case 'apply':
        return this.applied(formula, index, tight);
    }
  }

  private symbol(name: string, position: Position | undefined, index: readonly string[]): string {
    const { notation } = this.naming;
    const full = position ? [positionName(this.naming, position), ...index] : index;
    return full.length === 0 ? notation.name(name) : notation.indexed(name, full);
  }

  private applied(formula: Applied, index: readonly string[], tight: boolean): string {
    const { notation } = this.naming;
    const { operation, operands } = formula;
    const [a, b, c] = operands;
    if (!a) return operation === 'iota' ? (index[Number(formula.attributes['axis'])] ?? '') : operation;
    const viewed = this.indexBehind(formula, a, index);
    if (viewed) return this.write(a, viewed, tight);
    switch (operation) {
      case 'sum':
      case 'contraction':
      case 'unwindows': {
        const { names, body } = this.summand(formula, index);
        if (names.length === 0) return body;
        return tight ? notation.parentheses(notation.sum(names) + body) : notation.sum(names) + body;
      }
      case 'max':
      case 'argmax': {
        const { fresh, inner } = this.reduced(a, listOf(formula, 'axes'), index);
        return notation.call(`${operation}_{${fresh.join(', ')}}`, [this.write(a, inner, false)]);
      }
      case 'select': {
        const condition = this.condition(a, index);
        if (b && c?.kind === 'number' && c.value === 0)
          return `${this.write(b, index, true)} ${isTruth(a) ? condition : notation.bracket(condition)}`;
        const values = [b, c].map((each) => (each ? this.write(each, index, false) : ''));
        return notation.call('where', [condition, ...values]);
      }
      case 'less':
      case 'less_equal':
      case 'equal':
        return notation.bracket(this.condition(formula, index));
      case 'softmax':
      case 'log_softmax':
      case 'one_hot':
        return `${new FormulaPrinter(this.naming).print(formula)}[${index.join(', ')}]`;
      default: {
        const values = operands.map((operand) => this.write(operand, index, false));
        return notation.call(writtenName(operation), values);
      }
    }
  }

  /** For a data movement: the operand's index that an index of the result reads. */
  private indexBehind(formula: Applied, operand: Formula, index: readonly string[]): string[] | undefined {
    const at = (axis: number) => index[axis] ?? '';
    switch (formula.operation) {
      case 'broadcast':
        return listOf(formula, 'axes').map(at);
      case 'reshape': {
        const own = index.filter((_, axis) => formula.shape[axis] !== 1);
        return operand.shape.map((size) => (size === 1 ? '0' : (own.shift() ?? '')));
      }
      case 'transpose': {
        const permutation = listOf(formula, 'permutation');
        return operand.shape.map((_, axis) => at(permutation.indexOf(axis)));
      }
      case 'windows':
        return this.slid(formula, operand, index);
      case 'slice': {
        const [starts, strides] = [listOf(formula, 'starts'), listOf(formula, 'strides')];
        return index.map((letter, axis) => {
          const [start = 0, stride = 1] = [starts[axis], strides[axis]];
          const scaled = stride === 1 ? letter : `${stride}${letter}`;
          return start === 0 ? scaled : `${scaled} + ${start}`;
        });
      }
      default:
        return undefined;
    }
  }

  private condition(formula: Formula, index: readonly string[]): string {
    const { notation } = this.naming;
    if (formula.kind !== 'apply') return this.write(formula, index, false);
    const sign = ({ less: '<', less_equal: '≤', equal: '=' } as const)[formula.operation as 'less'];
    const [a, b] = formula.operands;
    if (!a || !b || !(['less', 'less_equal', 'equal'] as string[]).includes(formula.operation))
      return this.write(formula, index, false);
    const winner = formula.operation === 'equal' ? this.winner(a, b, index) : undefined;
    return (
      winner ?? `${this.write(a, index, false)} ${notation.comparison(sign)} ${this.write(b, index, false)}`
    );
  }

  /** The first maximum's place in a window, if the formula computes it. */
  private winner(place: Formula, largest: Formula, index: readonly string[]): string | undefined {
    const inner =
      largest.kind === 'apply' && largest.operation === 'broadcast' ? largest.operands[0] : largest;
    if (inner?.kind !== 'apply' || inner.operation !== 'argmax' || !isPosition(place)) return undefined;
    const [of] = inner.operands;
    if (!of) return undefined;
    const axes = listOf(inner, 'axes');
    const own = axes.map((axis) => index[axis] ?? '');
    const others = index.filter((_, axis) => !axes.includes(axis));
    const { fresh, inner: full } = this.reduced(of, axes, others);
    const winning = own.length === 1 ? own.join() : `(${own.join(', ')})`;
    return `${winning} = ${this.naming.notation.call(`argmax_{${fresh.join(', ')}}`, [this.write(of, full, false)])}`;
  }

  /** Letters for the reduced axes, and the operand's full index. */
  private reduced(
    of: Formula,
    axes: readonly number[],
    index: readonly string[],
  ): { readonly fresh: readonly string[]; readonly inner: readonly string[] } {
    const fresh = axes.map((axis) => this.letter(of.shape[axis] ?? 0, this.windowLetter(of, axis)));
    const rest = [...index];
    return { fresh, inner: of.shape.map((_, axis) => fresh[axes.indexOf(axis)] ?? rest.shift() ?? '') };
  }

  /** The summand and its indices; nested sums are merged. */
  private summand(
    formula: Formula,
    index: readonly string[],
  ): { readonly names: readonly string[]; readonly body: string } {
    if (formula.kind === 'over') {
      const { names, body } = this.summand(formula.body, index);
      return { names: [rangeName(this.naming, formula), ...names], body };
    }
    if (formula.kind !== 'apply')
      return { names: [], body: this.write(formula, index, formula.kind === 'sum') };
    const [a, b] = formula.operands;
    const over = (
      names: readonly string[],
      inner: { readonly names: readonly string[]; readonly body: string },
    ) => ({
      names: [...inner.names, ...names.filter((name) => name !== '0')],
      body: inner.body,
    });
    if (formula.operation === 'contraction' && a && b) return this.contraction(formula, a, b, index);
    if (formula.operation === 'unwindows' && a) {
      const { names, inner } = this.unslid(formula, a, index);
      return over(names, this.summand(a, inner));
    }
    if (formula.operation === 'sum' && a) {
      const { fresh, inner } = this.reduced(a, listOf(formula, 'axes'), index);
      return over(fresh, this.summand(a, inner));
    }
    if (formula.operation === 'reshape' && a && onlyOnes(formula)) {
      const own = index.filter((_, axis) => formula.shape[axis] !== 1);
      return this.summand(
        a,
        a.shape.map((size) => (size === 1 ? '0' : (own.shift() ?? ''))),
      );
    }
    return { names: [], body: this.write(formula, index, true) };
  }

  private contraction(
    formula: Formula,
    a: Formula,
    b: Formula,
    index: readonly string[],
  ): { readonly names: readonly string[]; readonly body: string } {
    const { left, right, output } = labelsOf(formula) ?? { left: [], right: [], output: [] };
    const byLabel = new Map(output.map((label, i) => [label, index[i] ?? '']));
    const fresh: string[] = [];
    for (const [labels, operand] of [
      [left, a],
      [right, b],
    ] as const)
      labels.forEach((label, axis) => {
        if (byLabel.has(label)) return;
        const letter = this.letter(operand.shape[axis] ?? 0, this.windowLetter(operand, axis));
        byLabel.set(label, letter);
        fresh.push(letter);
      });
    const indexOf = (labels: readonly number[]) => labels.map((label) => byLabel.get(label) ?? '');
    const body = `${this.write(a, indexOf(left), true)} ${this.write(b, indexOf(right), true)}`;
    return { names: fresh.filter((name) => name !== '0'), body };
  }

  /** The transpose of sliding: the windows that cover an element, and its place in them; terms outside of the arrays are omitted. */
  private unslid(
    formula: Applied,
    of: Formula,
    index: readonly string[],
  ): { readonly names: readonly string[]; readonly inner: readonly string[] } {
    const list = (name: string) => listOf(formula, name);
    const places: string[] = [...index];
    const insides: string[] = [];
    const names: string[] = [];
    list('axes').forEach((axis, k) => {
      const [size = 1, stride = 1, dilation = 1, low = 0] = [
        list('sizes')[k],
        list('strides')[k],
        list('dilations')[k],
        list('low')[k],
      ];
      const place = index[axis] ?? '';
      const start = low === 0 ? place : `${place} + ${low}`;
      if (stride === 1 || dilation > 1) {
        const inside = this.letter(size, 'ij'[k]);
        names.push(inside);
        insides.push(inside);
        const offset = inside === '0' ? start : `${start} − ${dilation === 1 ? '' : dilation}${inside}`;
        places[axis] = stride === 1 ? offset : `(${offset})/${stride}`;
        return;
      }
      const position = this.letter(of.shape[axis] ?? 0, 'pq'[k]);
      names.push(position);
      places[axis] = position;
      insides.push(`${start} − ${stride}${position}`);
    });
    return { names, inner: [...places.slice(0, formula.shape.length), ...insides] };
  }

  /** Axes inside a window are called i and j. */
  private windowLetter(formula: Formula, axis: number): string | undefined {
    if (formula.kind !== 'apply' || formula.operation !== 'windows') return undefined;
    const from = formula.operands[0]?.shape.length ?? 0;
    return axis < from ? undefined : ('ij'[axis - from] ?? undefined);
  }

  /** stride · p + dilation · i − low */
  private slid(formula: Applied, of: Formula, index: readonly string[]): string[] {
    const list = (name: string) => listOf(formula, name);
    return of.shape.map((_, axis) => {
      const k = list('axes').indexOf(axis);
      const position = index[axis] ?? '';
      if (k < 0) return position;
      const [stride = 1, dilation = 1, low = 0] = [list('strides')[k], list('dilations')[k], list('low')[k]];
      const inside = index[of.shape.length + k] ?? '';
      const scaled = stride === 1 ? position : `${stride}${position}`;
      const offset = low === 0 ? '' : ` − ${low}`;
      const within = inside === '0' ? '' : ` + ${dilation === 1 ? '' : dilation}${inside}`;
      return scaled + within + offset;
    });
  }
}

function isSum(formula: Formula): boolean {
  if (formula.kind === 'over') return true;
  if (formula.kind === 'product') return formula.factors.some(isSum);
  return formula.kind === 'apply' && ['sum', 'unwindows', 'contraction'].includes(formula.operation);
}

/** A sum of indices times the strides of their axes. */
function isPosition(formula: Formula): boolean {
  if (formula.kind === 'sum') return formula.terms.every(isPosition);
  if (formula.kind === 'product') return formula.factors.every(isPosition);
  return formula.kind === 'apply' && formula.operation === 'iota';
}

/** A condition that is a value of 1 and 0 by itself. */
function isTruth(formula: Formula): boolean {
  return formula.kind === 'apply' && formula.operation === 'one_hot';
}
