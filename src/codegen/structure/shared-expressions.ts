// Common subexpressions of a formula. Equal formulas become one node, up to the names of the axes that they reduce over; a node knows
// which surrounding axes its value depends on, and its number of uses.
import { atomKey, formulaKey } from '../../ir/linear/key.ts';
import type { Atom, Formula, Position } from '../../ir/linear/type.ts';
import {
  atomsOf,
  axesOf,
  axesOfPosition,
  mapOperands,
  operandsOf,
  ownPositions,
  renaming,
  substitute,
} from '../../ir/linear/walk.ts';
import type { Axis } from '../../ir/stages/type.ts';
import type { FlatKernel } from './flatten.ts';

export interface Node {
  readonly formula: Formula;
  /** The nodes of the operands; of a guard and a reduction, of the value. */
  readonly operands: readonly Node[];
  /** The axes that the value depends on (free axes): those of its own reductions excluded. */
  readonly axes: ReadonlySet<string>;
  /** The number of its uses in distinct nodes. */
  uses: number;
}

export class SharedExpressions {
  private readonly nodes = new Map<string, Node>();
  private readonly ids = new Map<Node, number>();
  private readonly known = new Map<Formula, Node>();
  /** Keys of the lookups counted so far. */
  private readonly lookups = new Set<string>();
  private readonly keyOfPart = (part: Formula) => String(this.ids.get(this.node(part)));
  private readonly axesOfPart = (part: Formula) => this.node(part).axes;

  node(formula: Formula): Node {
    const before = this.known.get(formula);
    if (before) return before;
    const operands = operandsOf(formula).map((operand) => this.node(operand));
    const key = formulaKey(formula, this.keyOfPart);
    let node = this.nodes.get(key);
    if (!node) {
      node = { formula, operands, axes: axesOf(formula, this.axesOfPart), uses: 0 };
      this.nodes.set(key, node);
      this.ids.set(node, this.ids.size);
      for (const operand of operands) operand.uses++;
      for (const position of ownPositions(formula)) this.countLookups(position);
    }
    this.known.set(formula, node);
    return node;
  }

  /** The axes that a position depends on. */
  axesOfPosition(position: Position): ReadonlySet<string> {
    return axesOfPosition(position, this.axesOfPart);
  }

  /** Equal for equal atoms. */
  keyOfAtom(atom: Atom): string {
    return atomKey(atom, this.keyOfPart);
  }

  /** A position's lookup of a value is one use, however often it occurs. */
  private countLookups(position: Position): void {
    for (const atom of atomsOf(position)) {
      if (atom.kind !== 'lookup') continue;
      const key = this.keyOfAtom(atom);
      if (!this.lookups.has(key)) this.node(atom.value).uses++;
      this.lookups.add(key);
    }
  }
}

/**
 * Renames the axes of every reduction by its nesting depth, so that reductions that differ only in the names of their axes become equal.
 * The original name remains as a hint.
 */
export function canonicalReductions({ axes, body }: FlatKernel): FlatKernel {
  return { axes, body: canonical(body).formula };
}

function canonical(formula: Formula): { readonly formula: Formula; readonly height: number } {
  let height = 0;
  const inner = mapOperands(formula, (part) => {
    const result = canonical(part);
    height = Math.max(height, result.height);
    return result.formula;
  });
  if (inner.kind !== 'reduce') return { formula: inner, height };
  height++;
  const axes = inner.axes.map(({ id, size, hint }, i): Axis => ({
    id: `~${height}.${i}`,
    size,
    hint: hint ?? id,
  }));
  return { formula: { ...inner, axes, value: substitute(inner.value, renaming(inner.axes, axes)) }, height };
}
