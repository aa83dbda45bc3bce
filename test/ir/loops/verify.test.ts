// Wrong modules, each wrong in one place: the verifier names the routine, the loops around the place and the fault.
import { describe, expect, it } from 'vitest';
import type { Statement, Value } from '../../../src/ir/loops/type.ts';
import { first, integer, last, number, scratch, variable } from '../../../src/ir/loops/type.ts';
import { verifyLoops } from '../../../src/ir/loops/verify.ts';
import {
  advance,
  at,
  chained,
  constant,
  copied,
  item,
  items,
  loop,
  moduleOf,
  store,
  x,
  y,
  type Changes,
} from './by-hand.ts';

const v = (name: string) => variable(name, 'vector');
const tile = {
  kind: 'tile',
  rows: 3,
  stride: 3,
  step: 1,
  vectors: 2,
  a: scratch,
  b: scratch,
  c: scratch,
} as const;
const multiplied = { ...tile, depth: integer(2), accumulate: integer(0) };
const copy = (value: Value): Statement => store(at(y), value);
const lanes = [0, 1, 2, 3];

const wrong: readonly (readonly [fault: string, body: readonly Statement[], changes?: Changes])[] = [
  ['v is used before it is declared', [items([copy(v('v'))])]],
  [
    'v is used before it is declared',
    [loop('serial', 'i', [0, 2], [constant('v', number(1), 'vector')]), copy(v('v'))],
  ],
  ['v is declared a second time', [constant('v', number(1), 'vector'), constant('v', number(1), 'vector')]],
  ['v is declared a second time', [constant('v', number(1), 'vector'), loop('serial', 'v', [0, 2], [])]],
  ['v is assigned before it is declared', [{ kind: 'assign', name: 'v', value: number(1) }]],
  [
    'v is assigned, but constant',
    [constant('v', number(1), 'vector'), { kind: 'assign', name: 'v', value: number(1) }],
  ],
  [
    'the pointer p is moved to another buffer',
    [
      { kind: 'let', name: 'p', type: 'pointer', value: x, mutable: true },
      { kind: 'assign', name: 'p', value: advance(y, integer(1)) },
    ],
  ],
  ['scratch is used before it is declared', [constant('p', scratch, 'pointer')]],
  ['first is used before it is declared', [constant('n', first, 'integer')]],
  ['what is stored is of the type integer, not vector', [copy(integer(1))]],
  [
    'an operand of add is of the type integer, not vector',
    [copy({ kind: 'apply', function: 'add', operands: [number(1), integer(1)] })],
  ],
  ['$0 is used as vector, but is pointer', [copy(v('$0'))]],
  ['add of 1 operands', [copy({ kind: 'apply', function: 'add', operands: [number(1)] })]],
  ['an offset of -4 bytes', [store(at(y, -1), number(1))]],
  ['an offset of 2 bytes', [store({ pointer: y, offset: 2 }, number(1))]],
  [
    'a shuffle of the lanes 0 1 2 8',
    [copy({ kind: 'shuffle', left: number(1), right: number(2), lanes: [0, 1, 2, 8] })],
  ],
  [
    '3 lanes of a shuffle for 4 lanes',
    [copy({ kind: 'shuffle', left: number(1), right: number(2), lanes: [0, 1, 2] })],
  ],
  [
    '8 integers for 4 lanes',
    [copy({ kind: 'convert', integers: { kind: 'sequence', values: [...lanes, ...lanes] } })],
  ],
  ['2 places for 4 lanes', [copy({ kind: 'gather', places: [at(x), at(x)] })]],
  [
    '3 rows for 4 lanes',
    [
      {
        kind: 'transpose',
        rows: [number(1), number(2), number(3)],
        places: lanes.map((lane) => at(y, lane)),
      },
    ],
  ],
  ['lane 4 of a vector', [constant('n', { kind: 'to_integer', vector: number(1), lane: 4 }, 'integer')]],
  ['a store or load of no lanes', [store(at(y), number(1), integer(0))]],
  ['the loop i has steps of 0', [loop('serial', 'i', [0, 4, 0], [])]],
  ['the vector loop i has steps of 2', [loop('vector', 'i', [0, 4, 2], [])]],
  ['the loop i is for groups, which no target runs yet', [loop('group', 'i', [0, 4], [])]],
  [
    'in the loops serial i: the loop item over work items is not outermost',
    [loop('serial', 'i', [0, 4], [copied])],
  ],
  ['the loop i does not go from the first to the last work item', [loop('thread', 'i', [0, 4], [])]],
  [
    'in the loops serial i: asks within a loop whether its work item is wanted',
    [
      loop(
        'serial',
        'i',
        [0, 4],
        [
          {
            kind: 'if',
            condition: { kind: 'arithmetic', operator: 'less', left: first, right: last },
            body: [],
          },
        ],
      ),
    ],
  ],
  [
    'a division by no positive constant',
    [
      items([
        constant('n', { kind: 'arithmetic', operator: 'quotient', left: integer(4), right: item }, 'integer'),
      ]),
    ],
  ],
  ['a tile of 4 rows × 2 vectors, which a machine does not have', [{ ...multiplied, rows: 4 }]],
  ['a tile of 3 rows × 1 vectors, which a machine does not have', [{ ...multiplied, vectors: 1 }]],
  ['a tile of 3 rows over panels of 2', [{ ...multiplied, stride: 2 }]],
  ['a tile without depth', [{ ...multiplied, depth: integer(0) }], { routine: { scratch: 256 } }],
  ['a comment of several lines', [{ kind: 'comment', text: 'a\nb' }]],
  ['a routine needs 512 bytes of scratch, of which there are 256', [copied], { routine: { scratch: 512 } }],
  ['there is no such routine', [copied], { step: { routine: 1 } }],
  ['gives 1 buffers to a routine of 2', [copied], { step: { buffers: [0] } }],
  ['has 0 work items', [copied], { step: { items: 0 } }],
  ['y ends at 176, past all 160 bytes', [copied], { module: { bytes: 160 } }],
];

describe('verifyLoops', () => {
  it('lets what is right pass', () => expect(() => verifyLoops(moduleOf([copied]))).not.toThrow());

  it.each(wrong.map(([fault, body, changes]) => ({ fault, body, changes })))(
    '$fault',
    ({ fault, body, changes }) => {
      expect(() => verifyLoops(moduleOf(body, changes))).toThrow(fault);
    },
  );
});

describe('the steps of a program', () => {
  it('meet where one reads what another has written', () => {
    expect(() => verifyLoops(chained([]))).not.toThrow();
    expect(() => verifyLoops(chained([{}, { barrier: false }]))).toThrow(
      'program, step 1 (doubled): reads y with no barrier after step 0 (doubled), which wrote y there',
    );
  });

  it('need not, where both have one work item', () => {
    expect(() => verifyLoops(chained([{ items: 1 }, { items: 1, barrier: false }]))).not.toThrow();
    expect(() => verifyLoops(chained([{ items: 1 }, { barrier: false }]))).toThrow('with no barrier');
  });

  it('read what has been written', () => {
    expect(() => verifyLoops(chained([{ buffers: [1, 2] }]))).toThrow('reads y before it is written');
    expect(() => verifyLoops(chained([{ buffers: [0, 0] }]))).toThrow('writes the input x');
  });
});
