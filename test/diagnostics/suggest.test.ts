import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from '../../src/diagnostics/suggest.ts';

describe('suggest', () => {
  const names = [
    'Linear',
    'LeakyReLU',
    'ReLU',
    'ELU',
    'Conv2d',
    'Conv1d',
    'MaxPool2d',
    'LayerNorm',
    'weight_decay',
  ];
  it.each([
    ['Liner', 'Linear'],
    ['Lniear', 'Linear'],
    ['linear', 'Linear'],
    ['relu', 'ReLU'],
    ['Relu', 'ReLU'],
    ['elu', 'ELU'],
    ['conv2d', 'Conv2d'],
    ['Conv3d', 'Conv2d'],
    ['MaxPol2d', 'MaxPool2d'],
    ['weightDecay', 'weight_decay'],
    ['LayrNorm', 'LayerNorm'],
  ])('%s was meant as %s', (name, meant) => {
    expect(suggest(name, names)).toBe(meant);
  });

  it.each(['Attention', 'x', 'Lin', 'Convolution', '', 'Linear'])('%s was meant as nothing else', (name) => {
    expect(suggest(name, names)).toBeUndefined();
  });

  it('tells short names apart', () => {
    expect(suggest('a', ['b', 'A'])).toBe('A');
    expect(suggest('lr', ['w1', 'lx'])).toBeUndefined();
    expect(suggest('nte', ['net', 'set'])).toBe('net');
  });

  it('takes no time for a name of any length', () => {
    expect(suggest('a'.repeat(1_000_000), ['aa', 'a'.repeat(999_999)])).toBeUndefined();
  });

  it('takes candidates from any collection', () => {
    expect(suggest('epoch', new Map([['epochs', 1]]).keys())).toBe('epochs');
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abcd', 'badc', 2],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('of %s and %s is %d, either way', (left, right, distance) => {
    expect(editDistance(left, right, 10)).toBe(distance);
    expect(editDistance(right, left, 10)).toBe(distance);
  });

  it('says only that a bound is passed', () => {
    expect(editDistance('kitten', 'sitting', 2)).toBe(3);
    expect(editDistance('aaaaaaaa', 'bbbbbbbb', 2)).toBe(3);
  });
});
