// Prints formulas of complete arrays: ⊙ for element-wise products, juxtaposed matrices for contractions, nothing for broadcasts. All
// formulas can be printed so; print-indexed.ts is for those that read better with indices.
import { labelsOf, matrixForm } from './contraction-form.ts';
import {
  keyOf,
  product,
  listOf,
  type Applied,
  type Formula,
  type Position,
  type Product,
} from './formula.ts';
import { axisName, axisSize, positionName, rangeName, type Naming } from './naming.ts';
import { writtenName, type Notation, type Range } from './notation.ts';
import { recognize } from './recognize.ts';
import { batchSize } from './symbolic-layer.ts';

/** Precedence of a text. */
export enum Level {
  sum,
  product,
  juxtaposed,
  power,
  atom,
}

export interface Written {
  readonly text: string;
  readonly level: Level;
}

export class FormulaPrinter {
  constructor(readonly naming: Naming) {}

  get notation(): Notation {
    return this.naming.notation;
  }

  print(formula: Formula): string {
    return this.write(formula).text;
  }

  /** The text, in parentheses if its precedence is lower than `level`. */
  enclosed(formula: Formula, level: Level): string {
    const written = this.write(formula);
    return written.level >= level ? written.text : this.notation.parentheses(written.text);
  }

  write(formula: Formula): Written {
    switch (formula.kind) {
      case 'symbol':
        return { text: this.symbol(formula.name, formula.position), level: Level.atom };
      case 'row': {
        const { of, position } = formula;
        if (of.kind === 'symbol' && !of.position)
          return { text: this.symbol(of.name, position), level: Level.atom };
        return {
          text: this.notation.rowOf(this.print(of), positionName(this.naming, position)),
          level: Level.atom,
        };
      }
      case 'over':
        return this.overPositions([], formula);
      case 'number':
        return this.constant(formula.value);
      case 'sum':
        return { text: this.sum(formula.terms), level: Level.sum };
      case 'product':
        return this.product(formula);
      case 'apply':
        return this.applied(formula);
    }
  }

  private symbol(name: string, position: Position | undefined): string {
    if (!position) return this.notation.name(name);
    return this.notation.placed(name, positionName(this.naming, position));
  }

  /** Σ over axes and positions. */
  private overPositions(axes: readonly string[], formula: Formula & { kind: 'over' }): Written {
    const body = this.enclosed(formula.body, Level.product);
    return {
      text: this.notation.sum([...axes, rangeName(this.naming, formula)]) + body,
      level: Level.product,
    };
  }

  private constant(value: number): Written {
    const { notation } = this;
    const { over, under } = recognize(Math.abs(value), this.naming.sizes, this.naming.numbers);
    const top = notation.constant(over.join(' ') || '1');
    const text = under.length === 0 ? top : notation.fraction(top, notation.constant(this.below(under)));
    const plain = under.length === 0 && over.length <= 1;
    if (value < 0) return { text: `${notation.minus}${text}`, level: Level.sum };
    return { text: value === 0 ? '0' : text, level: plain ? Level.atom : Level.product };
  }

  private below(under: readonly string[]): string {
    const joined = under.join(' ');
    return under.length > 1 && !this.notation.fractionsEnclose ? `(${joined})` : joined;
  }

  /** A sum starts with a positive term, if there is one. */
  private sum(terms: readonly Formula[]): string {
    const { minus } = this.notation;
    const sorted = [...terms].sort((a, b) => Number(isNegative(a)) - Number(isNegative(b)));
    return sorted
      .map((term, i) => {
        if (!isNegative(term)) return `${i > 0 ? ' + ' : ''}${this.enclosed(term, Level.product)}`;
        const positive = product(term.shape, [term, { kind: 'number', value: -1, shape: term.shape }]);
        return `${i > 0 ? ` ${minus} ` : minus}${this.enclosed(positive, Level.product)}`;
      })
      .join('');
  }

  private product({ coefficient, factors, divisors }: Product): Written {
    const { notation } = this;
    const { over, under } = recognize(Math.abs(coefficient), this.naming.sizes, this.naming.numbers);
    const scale = over.filter((text) => text !== '1').map((text) => notation.constant(text));
    const ordered = [...factors].sort((a, b) => rankOf(a) - rankOf(b));
    const [last] = ordered.slice(-1);
    const reduces = last !== undefined && isReduction(last);
    const sign = coefficient < 0 ? notation.minus : '';
    const level = coefficient < 0 ? Level.sum : Level.product;
    const written = this.factors(ordered);
    // `1/D Σ …`, but `x / D`
    if (reduces && divisors.length === 0 && under.length > 0) {
      const front = notation.fraction(scale.join(' ') || '1', notation.constant(this.below(under)));
      return {
        text: `${sign}${notation.fractionsEnclose ? front : front.replaceAll(' / ', '/')} ${written}`,
        level,
      };
    }
    const top = [...scale, written].filter((text) => text !== '').join(' ') || '1';
    if (divisors.length === 0 && under.length === 0) return { text: sign + top, level };
    const below = [
      ...under.map((text) => notation.constant(text)),
      ...(divisors.length > 0 ? [this.factors(divisors, 2)] : []),
    ];
    const [only] = divisors;
    const bottom = notation.fractionsEnclose
      ? below.join(' ')
      : below.length > 1 || new Set(divisors.map(keyOf)).size > 1
        ? notation.parentheses(below.join(' '))
        : only && divisors.length === 1
          ? this.enclosed(only, Level.power)
          : below.join('');
    const enclosed = reduces && !notation.fractionsEnclose ? notation.parentheses(top) : top;
    return { text: sign + notation.fraction(enclosed, bottom), level };
  }

  /** Factors side by side; one that occurs `powers` times or more becomes a power. */
  private factors(given: readonly Formula[], powers = 3): string {
    const groups = new Map<string, Formula[]>();
    for (const factor of given) groups.set(keyOf(factor), [...(groups.get(keyOf(factor)) ?? []), factor]);
    const parts = [...groups.values()].flatMap((same): (readonly [Formula, number])[] => {
      const [first] = same;
      if (!first) return [];
      return same.length >= powers ? [[first, same.length]] : same.map((each) => [each, 1]);
    });
    return parts
      .map(([factor, exponent], i) => {
        if (exponent > 1) return this.notation.power(this.enclosedBase(factor), String(exponent));
        if (isReduction(factor) && i === parts.length - 1) return this.enclosed(factor, Level.product);
        return this.enclosed(factor, parts.length === 1 ? Level.juxtaposed : Level.power);
      })
      .join(this.notation.times);
  }

  private applied(formula: Applied): Written {
    const { notation } = this;
    const { operation, operands } = formula;
    const [a, b, c] = operands;
    if (!a) return { text: operation, level: Level.atom };
    switch (operation) {
      case 'broadcast':
      case 'reshape':
        return this.write(a);
      case 'sum':
        return this.total(listOf(formula, 'axes'), a);
      case 'contraction':
        return this.contraction(formula, a, b ?? a);
      case 'transpose': {
        const { shape } = formula;
        const swap = shape.length === 2 || (shape.length === 3 && shape[0] === a.shape[0]);
        if (!swap) return this.call('transpose', [a]);
        return { text: notation.transpose(this.enclosedBase(a)), level: Level.power };
      }
      case 'less':
      case 'less_equal':
      case 'equal':
        return { text: notation.bracket(this.comparison(formula)), level: Level.atom };
      case 'select':
        return this.select(a, b ?? a, c ?? a);
      case 'max':
      case 'argmax': {
        const names = this.axesOf(listOf(formula, 'axes'), a);
        const axis = names.length === 1 ? names[0] : undefined;
        return { text: notation.call(operation, [this.print(a)], axis), level: Level.atom };
      }
      case 'slice': {
        const ranges = this.ranges(formula, a);
        return { text: notation.sliced(this.enclosedBase(a), ranges), level: Level.atom };
      }
      case 'gather':
        return { text: `${this.enclosedBase(a)}[${b ? this.print(b) : ''}]`, level: Level.atom };
      default:
        return this.elementwise(operation, a, b) ?? this.call(writtenName(operation), operands);
    }
  }

  /** Functions with their own notation. */
  private elementwise(operation: string, a: Formula, b: Formula | undefined): Written | undefined {
    const { notation } = this;
    switch (operation) {
      case 'sqrt':
        return {
          text: notation.root(notation.fractionsEnclose ? this.print(a) : this.enclosed(a, Level.atom)),
          level: Level.power,
        };
      case 'abs':
        return { text: notation.absolute(this.print(a)), level: Level.atom };
      case 'power':
        return { text: notation.power(this.enclosedBase(a), b ? this.print(b) : ''), level: Level.power };
      case 'relu':
        return this.call('max', [a, { kind: 'number', value: 0, shape: [] }]);
      default:
        return undefined;
    }
  }

  private call(name: string, operands: readonly Formula[]): Written {
    const values = operands.map((operand) => this.print(operand));
    return { text: this.notation.call(name, values), level: Level.atom };
  }

  /** The base of a power, transpose or index: derivatives get parentheses. */
  private enclosedBase(formula: Formula): string {
    const text = this.enclosed(formula, Level.atom);
    const named = formula.kind === 'row' ? formula.of : formula;
    return named.kind === 'symbol' && named.name.startsWith('∂') ? this.notation.parentheses(text) : text;
  }

  private axesOf(axes: readonly number[], operand: Formula): string[] {
    if (axes.length === operand.shape.length && axes.length > 1) return [];
    return axes.map((axis) => axisName(this.naming, operand.shape[axis] ?? 0));
  }

  private total(axes: readonly number[], operand: Formula): Written {
    if (operand.kind === 'over') return this.overPositions(this.axesOf(axes, operand), operand);
    const body = this.enclosed(operand, Level.product);
    return { text: this.notation.sum(this.axesOf(axes, operand)) + body, level: Level.product };
  }

  private contraction(formula: Formula, a: Formula, b: Formula): Written {
    const { notation } = this;
    const labels = labelsOf(formula);
    const form = labels && matrixForm(labels, (label) => this.isBatch(labels, label, a, b));
    if (!labels || !form) return { text: this.einsum(labels, a, b), level: Level.atom };
    if (form.kind === 'inner') {
      const summed = labels.left
        .filter((label) => !labels.output.includes(label))
        .map((label) => axisName(this.naming, a.shape[labels.left.indexOf(label)] ?? 0));
      const body = [a, b].map((each) => this.enclosed(each, Level.juxtaposed)).join(notation.times);
      return { text: notation.sum(summed) + body, level: Level.product };
    }
    const operand = (each: Formula, { transposed }: { readonly transposed: boolean }) =>
      transposed ? notation.transpose(this.enclosedBase(each)) : this.enclosed(each, Level.juxtaposed);
    const [left, right] = [operand(a, form.left), operand(b, form.right)];
    const body = (form.swapped ? [right, left] : [left, right]).join(' ');
    return form.overBatch
      ? { text: notation.sum(['batch']) + body, level: Level.product }
      : { text: body, level: Level.juxtaposed };
  }

  private isBatch(
    { left, right }: { readonly left: readonly number[]; readonly right: readonly number[] },
    label: number,
    a: Formula,
    b: Formula,
  ): boolean {
    const size = a.shape[left.indexOf(label)] ?? b.shape[right.indexOf(label)];
    return size === batchSize && left.indexOf(label) <= 0 && right.indexOf(label) <= 0;
  }

  private einsum(labels: ReturnType<typeof labelsOf>, a: Formula, b: Formula): string {
    const letters = (list: readonly number[]) =>
      list.map((label) => String.fromCharCode(97 + (label % 26))).join('');
    const form = labels
      ? `${letters(labels.left)}, ${letters(labels.right)} → ${letters(labels.output)}`
      : '';
    return this.notation.call('einsum', [form, this.print(a), this.print(b)]);
  }

  comparison(formula: Formula): string {
    if (formula.kind !== 'apply') return this.print(formula);
    const signs: ReadonlyMap<string, '<' | '≤' | '='> = new Map([
      ['less', '<'],
      ['less_equal', '≤'],
      ['equal', '='],
    ]);
    const sign = signs.get(formula.operation);
    const [a, b] = formula.operands;
    if (!sign || !a || !b) return this.print(formula);
    return this.compared(a, sign, b);
  }

  /** Numbers go on the right. */
  private compared(a: Formula, sign: '<' | '≤' | '=', b: Formula): string {
    const [left, right] = [a, b].map((each) => this.enclosed(each, Level.product));
    const turned = a.kind === 'number' && sign !== '=';
    const shown = this.notation.comparison(turned ? (sign === '<' ? '>' : '≥') : sign);
    return turned ? `${right} ${shown} ${left}` : `${left} ${shown} ${right}`;
  }

  /** `a ⊙ [condition] + b ⊙ [not condition]`, without zero terms. */
  private select(condition: Formula, a: Formula, b: Formula): Written {
    const zero = (each: Formula) => each.kind === 'number' && each.value === 0;
    const one = (each: Formula) => each.kind === 'number' && each.value === 1;
    const isTruth = condition.kind === 'apply' && condition.operation === 'one_hot';
    const holds = isTruth ? this.print(condition) : this.notation.bracket(this.comparison(condition));
    const fails = this.notation.bracket(this.opposite(condition));
    const times = (each: Formula, bracket: string) =>
      one(each) ? bracket : this.enclosed(each, Level.juxtaposed) + this.notation.times + bracket;
    if (zero(b)) return { text: times(a, holds), level: one(a) ? Level.atom : Level.product };
    if (zero(a)) return { text: times(b, fails), level: one(b) ? Level.atom : Level.product };
    return { text: `${times(a, holds)} + ${times(b, fails)}`, level: Level.sum };
  }

  private opposite(condition: Formula): string {
    if (condition.kind !== 'apply') return `${this.print(condition)} = 0`;
    const [a, b] = condition.operands;
    if (!a || !b) return `${this.print(condition)} = 0`;
    const sign =
      condition.operation === 'less' ? '≤' : condition.operation === 'less_equal' ? '<' : undefined;
    if (!sign) return `${this.print(condition)} = 0`;
    return this.compared(b, sign, a);
  }

  private ranges(formula: Applied, of: Formula): Range[] {
    const [starts, limits, strides] = ['starts', 'limits', 'strides'].map((name) => listOf(formula, name));
    return of.shape.flatMap((size, axis) => {
      const [start = 0, limit = size, stride = 1] = [starts?.[axis], limits?.[axis], strides?.[axis]];
      if (start === 0 && limit === size && stride === 1) return [];
      // the last axis may consist of several parts, such as four gates
      const plain = axis === of.shape.length - 1 && axisSize(this.naming, size).times > 1;
      const name = plain ? undefined : axisName(this.naming, size);
      return [{ axis: name, from: this.part(start, size), to: this.part(limit, size), stride }];
    });
  }

  /** `C/2` for a half of an axis. */
  private part(position: number, size: number): string {
    if (position === 0) return '0';
    const name = axisName(this.naming, size);
    if (axisSize(this.naming, size).times > 1) return axisName(this.naming, position);
    return position === size ? name : position * 2 === size ? `${name}/2` : String(position);
  }
}

function isNegative(formula: Formula): boolean {
  if (formula.kind === 'number') return formula.value < 0;
  return formula.kind === 'product' && formula.coefficient < 0;
}

/** Σ… extends to the end of its operand. */
function isReduction(formula: Formula): boolean {
  if (formula.kind === 'over') return true;
  if (formula.kind !== 'apply') return false;
  const { operation, operands } = formula;
  if (operation === 'broadcast' || operation === 'reshape') return operands.some(isReduction);
  return operation === 'sum';
}

/** The order of factors: cotangents first, then symbols, sums over axes last. */
function rankOf(formula: Formula): number {
  if (isReduction(formula)) return 3;
  const named = formula.kind === 'row' ? formula.of : formula;
  if (named.kind === 'symbol') return named.name.startsWith('∂') ? 0 : 1;
  return 2;
}
