import { expect, it } from 'vitest';
import { printLoops } from '../../../src/ir/loops/print.ts';
import { integer, number, variable } from '../../../src/ir/loops/type.ts';
import { advance, at, constant, item, items, load, loop, moduleOf, scaled, store, x, y } from './by-hand.ts';

it('prints memory, routines and programs as text that is not tied to a language', () => {
  const sum = variable('sum', 'vector');
  const body = [
    items([
      constant('$0_at', advance(x, item), 'pointer'),
      { kind: 'let', name: 'sum', type: 'vector', value: number(0), mutable: true } as const,
      loop(
        'vector',
        'k',
        [0, 8, 4],
        [
          {
            kind: 'assign',
            name: 'sum',
            value: {
              kind: 'apply',
              function: 'multiply_add',
              operands: [load(at(variable('$0_at', 'pointer'), 1)), number(0.5), sum],
            },
          },
        ],
      ),
      { kind: 'comment', text: 'the first two lanes' },
      store(at(y, 2), scaled(sum, 2), integer(2)),
    ]),
  ];
  expect(printLoops(moduleOf(body))).toMatchInlineSnapshot(`
    "a machine, 4 lanes

    routine doubled(x, y)
      thread item in first ..< last
        x_at = (x + item)
        sum := 0.0
        vector k in 0 ..< 8 step 4
          sum <- multiply_add(x_at[1 ..], 0.5, sum)
        # the first two lanes
        y[2 ..] <- (sum · 2.0), first 2

    program program
      doubled(x, y) for 3 items
    "
  `);
});
