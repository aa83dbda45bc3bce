import { describe, expect, test } from 'vitest';
import { addressKey } from '../../../src/ir/linear/key.ts';
import { atomPosition, combine } from '../../../src/ir/linear/position.ts';
import type { Address, Atom, Position } from '../../../src/ir/linear/type.ts';
import { sum } from './positions.ts';

const address: Address = { buffer: 1, position: sum({ i: 2, j: 1 }) };
const quotient: Atom = { kind: 'quotient', of: sum({ i: 1 }), divisor: 2 };
const lookup: Atom = { kind: 'lookup', value: { kind: 'read', ...address }, size: 8 };

const at = (...parts: readonly (readonly [Atom, number])[]): Position =>
  combine(parts.map(([atom, factor]) => [atomPosition(atom), factor]));
const to = (position: Position): Address => ({ buffer: 1, position });

describe('the key of an address', () => {
  test('does not depend on the order of terms, those of a lookup included', () => {
    const other = to(sum({ j: 1, i: 2 }));
    expect(addressKey(other)).toBe(addressKey(address));
    const looked: Atom = { ...lookup, value: { kind: 'read', ...other } };
    expect(addressKey(to(at([looked, 4])))).toBe(addressKey(to(at([lookup, 4]))));
    expect(addressKey(to(at([quotient, 2], [lookup, 4])))).toBe(
      addressKey(to(at([lookup, 4], [quotient, 2]))),
    );
  });

  test.each<[string, Address, Address]>([
    ['buffer', address, { ...address, buffer: 2 }],
    ['constant', address, to(sum({ i: 2, j: 1 }, 1))],
    ['divisor', to(at([quotient, 4])), to(at([{ ...quotient, divisor: 3 }, 4]))],
    ['factor of a quotient', to(at([quotient, 4])), to(at([quotient, 1]))],
    ['divided sum', to(at([quotient, 4])), to(at([{ ...quotient, of: sum({ j: 1 }) }, 4]))],
    ['looked up value', to(at([lookup, 4])), to(at([{ ...lookup, value: { kind: 'number', value: 0 } }, 4]))],
    ['size of a lookup', to(at([lookup, 4])), to(at([{ ...lookup, size: 9 }, 4]))],
  ])('tells addresses of another %s apart', (_, one, other) => {
    expect(addressKey(one)).not.toBe(addressKey(other));
  });
});
