// The notations of formulas: text and LaTeX.
import { scalarFunctions, scalarRow } from '../ir/scalar.ts';

/** The loop variable for a scan's positions, from 1. */
export const positionLetter = 't';

/** The name of a primitive in formulas. */
export const writtenName = (operation: string): string => scalarRow(operation)?.written ?? operation;

export type Comparison = '<' | '≤' | '=' | '>' | '≥';

export interface Range {
  /** Undefined if the axis is evident. */
  readonly axis: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly stride: number;
}

export interface Notation {
  /** The sign of element-wise products. */
  readonly times: string;
  readonly minus: string;
  name(name: string): string;
  indexed(name: string, index: readonly string[]): string;
  /** A slice: along each named axis, a range. */
  sliced(operand: string, ranges: readonly Range[]): string;
  /** A symbol at a position. */
  placed(name: string, position: string): string;
  /** An expression at a position. */
  rowOf(operand: string, position: string): string;
  /** The head of a loop over positions, with its initial values. */
  loop(from: string, to: string, before: readonly string[], backward: boolean): string;
  /** A function call with printed arguments. */
  call(name: string, operands: readonly string[], subscript?: string): string;
  fraction(over: string, under: string): string;
  /** Whether a fraction's numerator and denominator need no parentheses. */
  readonly fractionsEnclose: boolean;
  root(operand: string): string;
  power(base: string, exponent: string): string;
  transpose(operand: string): string;
  sum(axes: readonly string[]): string;
  /** 1 where it holds, else 0 */
  bracket(condition: string): string;
  parentheses(inner: string): string;
  absolute(inner: string): string;
  comparison(sign: Comparison): string;
  /** The text of a coefficient, which contains names, √ and powers. */
  constant(text: string): string;
}

export const textNotation: Notation = {
  times: ' ⊙ ',
  minus: '−',
  name: shortName,
  indexed: (name, index) => `${shortName(name)}[${index.join(', ')}]`,
  placed: (name, position) => {
    const short = shortName(name);
    return /[._]/.test(short) ? `${short}[${position}]` : `${short}_${positionText(position)}`;
  },
  sliced: (operand, ranges) =>
    `${operand}[${ranges
      .map(
        ({ axis, from, to, stride }) =>
          `${axis === undefined ? '' : `${axis}: `}${from} … ${to}${stride === 1 ? '' : `:${stride}`}`,
      )
      .join(', ')}]`,
  rowOf: (operand, position) => `(${operand})_${positionText(position)}`,
  loop: (from, to, before, backward) =>
    `${backward ? 'back through time, ' : ''}for ${positionLetter} = ${from}, …, ${to}${before.length > 0 ? `, where ${before.join(' and ')}` : ''}`,
  call: (name, operands, subscript) =>
    `${name}${subscript === undefined ? '' : `_${subscript}`}(${operands.join(', ')})`,
  fraction: (over, under) => `${over} / ${under}`,
  fractionsEnclose: false,
  root: (operand) => `√${operand}`,
  power: (base, exponent) => `${base}${superscript(exponent)}`,
  transpose: (operand) => `${operand}ᵀ`,
  sum: (axes) =>
    axes.length === 0 ? 'Σ ' : `Σ_${/^\S*$/.test(axes.join(', ')) ? axes.join() : `{${axes.join(', ')}}`} `,
  bracket: (condition) => `[${condition}]`,
  parentheses: (inner) => `(${inner})`,
  absolute: (inner) => `|${inner}|`,
  comparison: (sign) => sign,
  constant: (text) => text,
};

export const latexNotation: Notation = {
  times: ' \\odot ',
  minus: '-',
  name: latexName,
  indexed: (name, index) =>
    name.startsWith('∂L/∂')
      ? `\\left(${latexName(name)}\\right)_{${index.map(latexIndex).join(', ')}}`
      : `${latexName(name)}_{${index.map(latexIndex).join(', ')}}`,
  placed: latexPlaced,
  rowOf: (operand, position) => `\\left(${operand}\\right)_{${latexSize(position)}}`,
  sliced: (operand, ranges) =>
    `${operand}\\left[${ranges
      .map(({ axis, from, to, stride }) => {
        const [start, end] = [latexSize(from), latexSize(to)];
        return `${axis === undefined ? '' : `${latexSize(axis)}\\colon `}${start} \\ldots ${end}${stride === 1 ? '' : `\\colon ${stride}`}`;
      })
      .join(', ')}\\right]`,
  loop: (from, to, before, backward) => {
    const head = `\\text{${backward ? 'back through time, ' : ''}for }`;
    const where = before.length > 0 ? ` \\text{, where } ${before.join(' \\text{ and } ')}` : '';
    return `${head} ${positionLetter} = ${latexSize(from)}, \\ldots, ${latexSize(to)}${where}`;
  },
  call: (name, operands, subscript) =>
    `${latexFunction(name)}${subscript === undefined ? '' : `_{${latexName(subscript)}}`}\\left(${operands.join(', ')}\\right)`,
  fraction: (over, under) => `\\frac{${over}}{${under}}`,
  fractionsEnclose: true,
  root: (operand) => `\\sqrt{${operand}}`,
  power: (base, exponent) => `${base}^{${exponent.replaceAll('−', '-')}}`,
  transpose: (operand) => `${operand}^\\top`,
  sum: (axes) => (axes.length === 0 ? '\\sum ' : `\\sum_{${axes.map(latexAxis).join(', ')}} `),
  bracket: (condition) => `\\left[${condition}\\right]`,
  parentheses: (inner) => `\\left(${inner}\\right)`,
  absolute: (inner) => `\\left|${inner}\\right|`,
  comparison: (sign) => ({ '<': '<', '≤': '\\le', '=': '=', '>': '>', '≥': '\\ge' })[sign],
  constant: latexSize,
};

/** Names, numbers and signs without arrays. */
function latexSize(text: string): string {
  return text
    .replaceAll('−', '-')
    .replaceAll('…', '\\ldots')
    .replace(/√(\w+)/g, (_, inner: string) => `\\sqrt{${latexName(inner)}}`)
    .replaceAll('²', '^2')
    .replaceAll('∞', '\\infty')
    .replace(/(?<![\\\w])[A-Za-z]\w+/g, latexName);
}

/** An axis by its name, as a multiple of one, or the positions of a sum. */
const latexAxis = (axis: string): string => (axis.includes(' ') ? latexSize(axis) : latexName(axis));

/** `q.W` is W_q; longer paths are unchanged. */
function shortName(name: string): string {
  const gradient = name.startsWith('∂L/∂') ? '∂L/∂' : '';
  const parts = name.slice(gradient.length).split('.');
  const [owner = '', own = ''] = parts;
  return (
    gradient +
    (parts.length === 2 && !/_\d+$/.test(owner) && !/_\d+$/.test(own) ? `${own}_${owner}` : parts.join('.'))
  );
}

function latexName(name: string): string {
  if (name.startsWith('∂L/∂')) return `\\frac{\\partial L}{\\partial ${latexName(name.slice(4))}}`;
  if (name === '…') return '\\ldots';
  if (name === 'ℓ') return '\\ell';
  if (name.endsWith('′')) return `${latexName(name.slice(0, -1))}'`;
  const short = shortName(name);
  const [, base = short, subscript] = /^([^_]+)_(.+)$/s.exec(short) ?? [];
  const upright = (word: string) => (word.length === 1 ? word : `\\mathrm{${word.replaceAll('_', '\\_')}}`);
  return subscript === undefined ? upright(base) : `${upright(base)}_{${upright(subscript)}}`;
}

function latexPlaced(name: string, position: string): string {
  if (name.startsWith('∂L/∂'))
    return `\\frac{\\partial L}{\\partial ${latexPlaced(name.slice('∂L/∂'.length), position)}}`;
  const written = latexName(name);
  const [, base = written, subscript] = /^([^_]+)_\{(.+)\}$/s.exec(written) ?? [];
  return `${base}_{${subscript === undefined ? '' : `${subscript}, `}${latexSize(position)}}`;
}

/** `t`, but `{t−1}` */
const positionText = (position: string): string => (/^\w+$/.test(position) ? position : `{${position}}`);

const latexIndex = (index: string): string => index.replaceAll('−', '-').replaceAll('·', '\\cdot ');

/** LaTeX commands, by the functions' names in formulas; `max` along axes is written like that of two values. */
const latexCommands: ReadonlyMap<string, string> = new Map(
  Object.entries(scalarFunctions).flatMap(([name, { written = name, latex }]) =>
    latex === undefined ? [] : [[written, latex]],
  ),
);

function latexFunction(name: string): string {
  return latexCommands.get(name) ?? `\\operatorname{${name.replaceAll('_', '\\_')}}`;
}

const superscripts = new Map([...'0123456789−.'].map((sign, i) => [sign, [...'⁰¹²³⁴⁵⁶⁷⁸⁹⁻·'][i] ?? sign]));

function superscript(exponent: string): string {
  return /^−?\d+$/.test(exponent)
    ? [...exponent].map((sign) => superscripts.get(sign) ?? sign).join('')
    : `^${/^[\w.]+$/.test(exponent) ? exponent : `(${exponent})`}`;
}
