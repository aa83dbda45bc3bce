// Contractions and convolutions with their gradients, of odd sizes, and the latter by Winograd's method too, in the interpreter of loops.
import { describe, it } from 'vitest';
import { printLoops } from '../../../src/ir/loops/print.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { schedule } from '../../../src/schedule/schedule.ts';
import { cases as contractions } from '../../codegen/contraction-cases.ts';
import { cases as allConvolutions, expectFiltered } from '../../codegen/winograd-cases.ts';
import { expectEqual, expectScheduled, machines } from './run-loops.ts';

const bindings = (given: Readonly<Record<string, ArrayLike<number>>>) => ({
  inputs: new Map(Object.entries(given)),
  stored: new Map(),
});

/** Those that take no more than a moment here; the others are for the targets. */
const convolutions = allConvolutions
  .filter(({ given }) => Object.values(given).every(({ length }) => length <= 8000))
  .map((each) => ({ ...each, wanted: interpret(each.program, bindings(each.given)) }));

describe('contractions', () => {
  it.each(contractions)('$title', ({ title, program, given }) => {
    expectScheduled(program, bindings(given), title);
  });
});

describe.each(machines.flatMap((machine) => [2, 4].map((tile) => [machine.name, tile, machine] as const)))(
  "Winograd's method, %s, tiles of %i",
  (_, tile, machine) => {
    const eager = { ...machine, winograd: { tiles: [tile], share: Infinity } };
    const module = schedule(convolutions.map(({ program }) => program), eager, 0); // prettier-ignore

    it('is what is scheduled', () => expectFiltered(printLoops(module), convolutions.length));

    it.each(convolutions)('$title', ({ title, program, given, wanted }) => {
      expectEqual(module, program, bindings(given), title, wanted);
    });
  },
);
