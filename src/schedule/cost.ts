// The cost model: instructions per element of a formula that is vectorized along an axis.
import { factorOf } from '../ir/linear/position.ts';
import type { Address, Formula, Position } from '../ir/linear/type.ts';
import { axesOf } from '../ir/linear/walk.ts';
import { scalarFunctions, type ScalarFunction } from '../ir/scalar.ts';
import { mostUnrolled } from './reductions.ts';
import { elementsOf } from '../ir/stages/walk.ts';

/** Instructions per element when vectorized along an axis (undefined: scalar code). */
export function costAlong(formula: Formula, along: string | undefined, lanes: number): number {
  const share = along === undefined ? 1 : 1 / lanes;
  switch (formula.kind) {
    case 'number':
    case 'given':
      return 0;
    case 'read':
      return share * readCost(formula.position, along, lanes);
    case 'position':
      return 2 * share;
    case 'random':
      return 40 * share;
    case 'apply':
      return (
        instructionsOf(formula.function) * share +
        formula.operands.reduce((total, operand) => total + costAlong(operand, along, lanes), 0)
      );
    case 'guard':
      return formula.conditions.length * share + costAlong(formula.value, along, lanes);
    case 'reduce':
      return reductionCost(formula, along, lanes);
  }
}

/** Division and square root overlap with loads and stores, so they count as one instruction here. */
function instructionsOf(called: ScalarFunction): number {
  const { cost } = scalarFunctions[called];
  return cost > scalarFunctions.divide.cost ? cost : 1;
}

function reductionCost(
  { reducer, axes, value }: Formula & { readonly kind: 'reduce' },
  along: string | undefined,
  lanes: number,
): number {
  const share = along === undefined ? 1 : 1 / lanes;
  const count = elementsOf(axes);
  const plain = count * (costAlong(value, along, lanes) + share);
  if (along !== undefined || reducer === 'argmax' || count <= mostUnrolled) return plain;
  // Vectorized along the reduction, with the lanes combined at the end.
  const vectorized = axes
    .filter((axis) => axis.size >= lanes)
    .map((axis) => count * (costAlong(value, axis.id, lanes) + 1 / lanes) + 3 * lanes);
  return Math.min(plain, ...vectorized);
}

/** A vector's read is one load, a broadcast, a shuffle of two loads, or a gather. */
function readCost(position: Position, along: string | undefined, lanes: number): number {
  if (along === undefined) return 1;
  const atoms = position.terms.map(({ atom }) => atom);
  if (atoms.some((atom) => atom.kind === 'lookup' && axesOf(atom.value).has(along))) return 3 * lanes;
  const quotient = atoms.some((atom) => atom.kind === 'quotient' && factorOf(atom.of, along) !== 0);
  const step = Math.abs(factorOf(position, along));
  if (quotient) return step === 0 ? 2 : 2 * lanes;
  return step <= 1 ? 1 : step === 2 ? 2 : 1.5 * lanes;
}

/** Instructions to store one element. */
export function storeCost(output: Address, along: string | undefined, lanes: number): number {
  if (along === undefined) return 1;
  return factorOf(output.position, along) === 1 ? 1 / lanes : 1;
}
