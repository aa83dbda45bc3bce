import { describe, expect, test } from 'vitest';
import { addressKey, type Address, type Formula, type Sum } from '../../src/ir/formula.ts';

const sum = (terms: readonly (readonly [string, number])[], constant = 0): Sum => ({
  constant,
  terms: new Map(terms),
});
const address: Address = { buffer: 1, affine: sum([['i', 2], ['j', 1]]), quotients: [], lookups: [] }; // prettier-ignore
const read: Formula = { kind: 'read', address };
const quotient = { sum: sum([['i', 1]]), divisor: 2, scale: 4 };
const lookup = { value: read, size: 8, scale: 4 };

describe('the key of an address', () => {
  test('does not depend on the order of terms, those of a lookup included', () => {
    const other = { ...address, affine: sum([['j', 1], ['i', 2]]) }; // prettier-ignore
    expect(addressKey(other)).toBe(addressKey(address));
    const looked = { ...address, lookups: [{ ...lookup, value: { kind: 'read', address: other } as const }] };
    expect(addressKey(looked)).toBe(addressKey({ ...address, lookups: [lookup] }));
  });

  test.each<[string, Address, Address]>([
    ['buffer', address, { ...address, buffer: 2 }],
    ['constant', address, { ...address, affine: { ...address.affine, constant: 1 } }],
    [
      'divisor',
      { ...address, quotients: [quotient] },
      { ...address, quotients: [{ ...quotient, divisor: 3 }] },
    ],
    ['scale', { ...address, quotients: [quotient] }, { ...address, quotients: [{ ...quotient, scale: 1 }] }],
    [
      'divided sum',
      { ...address, quotients: [quotient] },
      { ...address, quotients: [{ ...quotient, sum: sum([['j', 1]]) }] },
    ],
    [
      'looked up value',
      { ...address, lookups: [lookup] },
      { ...address, lookups: [{ ...lookup, value: { kind: 'number', value: 0 } }] },
    ],
    [
      'size of a lookup',
      { ...address, lookups: [lookup] },
      { ...address, lookups: [{ ...lookup, size: 9 }] },
    ],
  ])('tells addresses of another %s apart', (_, one, other) => {
    expect(addressKey(one)).not.toBe(addressKey(other));
  });
});
