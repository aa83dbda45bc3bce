// Finds what occurs more than once in a flat expression. Equal expressions become one node, equal up to the names of the axes they
// reduce over; a node knows which axes around it its value depends on, and in how many places it is used.
import type { Axis } from '../../ir/stages/type.ts';
import {
  axisPosition,
  substitute,
  type Atom,
  type Flat,
  type FlatKernel,
  type Position,
  type Test,
} from './flat.ts';

export interface Node {
  readonly flat: Flat;
  /** The nodes of the operands; of a guard and a reduction, of the value. */
  readonly operands: readonly Node[];
  /** The axes that the value depends on, those of its own reductions left out. */
  readonly axes: ReadonlySet<string>;
  /** In how many places of distinct nodes it stands. */
  uses: number;
}

export class SharedExpressions {
  private readonly nodes = new Map<string, Node>();
  private readonly ids = new Map<Node, number>();
  private readonly known = new Map<Flat, Node>();
  private readonly clamped = new Set<string>();

  node(flat: Flat): Node {
    const before = this.known.get(flat);
    if (before) return before;
    const operands = operandsOf(flat).map((operand) => this.node(operand));
    const key = this.keyOf(flat, operands);
    let node = this.nodes.get(key);
    if (!node) {
      node = { flat, operands, axes: this.axesOf(flat, operands), uses: 0 };
      this.nodes.set(key, node);
      this.ids.set(node, this.ids.size);
      for (const operand of operands) operand.uses++;
    }
    this.known.set(flat, node);
    return node;
  }

  /** The axes that a position depends on. */
  axesOfPosition(position: Position): ReadonlySet<string> {
    const axes = new Set<string>();
    for (const { atom } of position.terms) {
      if (atom.kind === 'axis') axes.add(atom.axis);
      else if (atom.kind === 'quotient') this.axesOfPosition(atom.of).forEach((axis) => axes.add(axis));
      else this.node(atom.value).axes.forEach((axis) => axes.add(axis));
    }
    return axes;
  }

  /** Equal for equal positions. */
  keyOfPosition({ constant, terms }: Position): string {
    return [constant, ...terms.map(({ atom, factor }) => `${factor}*${this.keyOfAtom(atom)}`)].join('+');
  }

  keyOfAtom(atom: Atom): string {
    switch (atom.kind) {
      case 'axis':
        return atom.axis;
      case 'quotient':
        return `(${this.keyOfPosition(atom.of)}/${atom.divisor})`;
      case 'clamped': {
        const node = this.node(atom.value);
        const key = `<${this.ids.get(node)}:${atom.limit}>`;
        if (!this.clamped.has(key)) node.uses++;
        this.clamped.add(key);
        return key;
      }
      default:
        return atom satisfies never;
    }
  }

  private keyOf(flat: Flat, operands: readonly Node[]): string {
    const ids = operands.map((operand) => this.ids.get(operand)).join();
    switch (flat.kind) {
      case 'number':
        return `#${Object.is(flat.value, -0) ? '-0' : flat.value}`;
      case 'position':
        return `@${this.keyOfPosition(flat.position)}`;
      case 'read':
        return `b${flat.buffer}[${this.keyOfPosition(flat.position)}]`;
      case 'random':
        return `?${flat.key}.${flat.site}[${this.keyOfPosition(flat.position)}]`;
      case 'apply':
        return `${flat.function}(${ids})`;
      case 'guard':
        return `if(${flat.tests.map((test) => this.keyOfTest(test)).join('&')}:${ids}:${flat.otherwise})`;
      case 'reduce':
        return `${flat.reducer}{${flat.axes.map(({ id, size }) => `${id}<${size}`).join()}}(${ids})`;
      default:
        return flat satisfies never;
    }
  }

  private keyOfTest(test: Test): string {
    const position = this.keyOfPosition(test.position);
    return test.kind === 'inside' ? `${test.low}<${position}<${test.high}` : `${test.modulus}|${position}`;
  }

  private axesOf(flat: Flat, operands: readonly Node[]): ReadonlySet<string> {
    const axes = new Set(operands.flatMap((operand) => [...operand.axes]));
    if ('position' in flat) this.axesOfPosition(flat.position).forEach((axis) => axes.add(axis));
    if (flat.kind === 'guard') {
      for (const test of flat.tests) this.axesOfPosition(test.position).forEach((axis) => axes.add(axis));
    }
    if (flat.kind === 'reduce') for (const axis of flat.axes) axes.delete(axis.id);
    return axes;
  }
}

function operandsOf(flat: Flat): readonly Flat[] {
  switch (flat.kind) {
    case 'apply':
      return flat.operands;
    case 'guard':
    case 'reduce':
      return [flat.value];
    default:
      return [];
  }
}

/**
 * Names the axes of every reduction after how deep reductions nest in it, so that reductions which differ in nothing but the
 * names of their axes become equal. What an axis was called stays its hint.
 */
export function canonicalReductions({ axes, body }: FlatKernel): FlatKernel {
  return { axes, body: canonical(body).flat };
}

function canonical(flat: Flat): { readonly flat: Flat; readonly height: number } {
  const inner = mapOperands(flat, canonical);
  if (inner.flat.kind !== 'reduce') return inner;
  const height = inner.height + 1;
  const { axes } = inner.flat;
  const renamed = axes.map(({ id, size, hint }, i): Axis => ({
    id: `~${height}.${i}`,
    size,
    hint: hint ?? id,
  }));
  const replacements = new Map(axes.map(({ id }, i) => [id, axisPosition(renamed[i]?.id ?? id)]));
  const { value } = inner.flat;
  return { flat: { ...inner.flat, axes: renamed, value: substitute(value, replacements) }, height };
}

/** Reductions inside of positions (a looked-up index is at most arithmetic over reads) keep the names of their axes. */
function mapOperands(
  flat: Flat,
  map: (operand: Flat) => { readonly flat: Flat; readonly height: number },
): { readonly flat: Flat; readonly height: number } {
  const results = operandsOf(flat).map(map);
  const height = Math.max(0, ...results.map((result) => result.height));
  const [first = flat] = results.map((result) => result.flat);
  switch (flat.kind) {
    case 'apply':
      return { flat: { ...flat, operands: results.map((result) => result.flat) }, height };
    case 'guard':
    case 'reduce':
      return { flat: { ...flat, value: first }, height };
    default:
      return { flat, height };
  }
}
