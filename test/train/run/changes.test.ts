import { expect, it } from 'vitest';
import { changesBetween, parseProgram, showProgram } from '../../../src/train/run/changes.ts';

const program = (text: string, overrides: readonly (readonly [string, string])[] = []) => ({
  text,
  overrides: new Map(overrides),
});
const text = `model M {
  net { Linear(4) Dropout(0.5) }   // a comment
  loss MSE
  optimizer Adam(lr = 0.1)
}`;

it('finds nothing in another layout or other comments', () => {
  const other = text.replace('// a comment', '').replaceAll('  ', '    ');
  expect(changesBetween(program(text), program(`// first\n\n${other}`))).toEqual([]);
});

it('finds lines that were changed, added and taken away, and what was set', () => {
  const now = text.replace('0.5', '0.1').replace('  loss MSE', '  clip ByNorm(1)\n  loss Huber');
  expect(changesBetween(program(text, [['lr', '0.1']]), program(now, [['lr', '0.2']]))).toEqual([
    '- net { Linear(4) Dropout(0.5) }',
    '- loss MSE',
    '- --set lr=0.1',
    '+ net { Linear(4) Dropout(0.1) }',
    '+ clip ByNorm(1)',
    '+ loss Huber',
    '+ --set lr=0.2',
  ]);
});

it('is kept as JSON, and anything else is nothing', () => {
  const kept = program(text, [['lr', '0.1']]);
  expect(parseProgram(JSON.parse(JSON.stringify(showProgram(kept))))).toEqual(kept);
  for (const json of [undefined, null, 1, {}, { text: 1, overrides: {} }, { text: 'a', overrides: null }])
    expect(parseProgram(json)).toBeUndefined();
});
