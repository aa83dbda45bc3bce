import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { Names, printComment, printData, printKey, printString } from '../../src/codegen/names.ts';

const hostile = [
  '',
  '_',
  '__',
  '$',
  '0',
  '1st',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'class',
  'default',
  'await',
  'yield',
  'enum',
  'arguments',
  'eval',
  'this',
  'Math',
  'Infinity',
  'NaN',
  'undefined',
  '*/',
  '/*',
  '*/ process.exit(1) /*',
  '//',
  '${process.exit(1)}',
  '`',
  "'",
  '"',
  "'; throw 1; '",
  '\\',
  "\\'",
  '\\u0027',
  '\n',
  '\r\n',
  'a\u2028b',
  'a\u2029b',
  'a\u0000b',
  '\u202Eevil\u202C',
  '\u2066x\u2069',
  '\uFEFF',
  '\uD800',
  '😀',
  'Größe',
  'ﬀ',
  '@ts-ignore',
  '@ts-nocheck',
  '</script>',
  '<!--',
  '-->',
  '#!/bin/sh',
  'linear_1.W',
  'linear_1#W',
  'linear_1_W',
  'linear 1 W',
  'a'.repeat(10_000),
  `${'a'.repeat(10_000)}b`,
  '*/'.repeat(5_000),
  '\u202E'.repeat(10_000),
];

/** Evaluates an expression in its own scope; what is given here is what printers made. */
const evaluate = (code: string) => (0, eval)(code) as unknown;

describe('Names', () => {
  it('makes every name an identifier that no other has and that declares a variable', () => {
    const names = new Names(['image']);
    const identifiers = hostile.map((name) => names.of(name));
    for (const identifier of identifiers) {
      expect(identifier).toMatch(/^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_?$/);
      expect(identifier.length).toBeLessThanOrEqual(60);
      expect(evaluate(`(() => { 'use strict'; const ${identifier} = 7; return ${identifier}; })()`)).toBe(7);
      expect(identifier in {}).toBe(false);
    }
    expect(new Set(identifiers).size).toBe(hostile.length);
  });

  it('gives the same identifier for the same name, and keeps clear of what is taken', () => {
    const names = new Names(['image']);
    expect(names.of('image')).toBe('image_2');
    expect(names.of('linear_1.W')).toBe('linear_1_W');
    expect(names.of('linear_1.W')).toBe('linear_1_W');
    expect(names.of('linear_1_W')).toBe('linear_1_W_2');
    expect(names.fresh('linear_1.W')).toBe('linear_1_W_3');
    expect(names.inner(['k']).fresh('k')).toBe('k_2');
    expect(names.of('class')).toBe('class_');
  });

  it('tells long names apart by their ends', () => {
    const names = new Names();
    const [first, second] = [names.of('a'.repeat(10_000)), names.of(`${'a'.repeat(9_999)}b`)];
    expect(first).not.toBe(second);
    expect(first.slice(0, 40)).toBe(second.slice(0, 40));
  });
});

describe('the printers', () => {
  it('print strings that read back as themselves and are visible on one line', () => {
    for (const text of hostile) {
      const printed = printString(text);
      expect(evaluate(printed)).toBe(text);
      expect(printed).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }
  });

  it('print property names that read back as themselves, as own properties', () => {
    for (const text of hostile) {
      const object = evaluate(`({ ${printKey(text)}: 7 })`) as object;
      expect(Object.keys(object)).toEqual([text]);
    }
  });

  it('print data that reads back as itself', () => {
    const data = {
      name: 'x',
      list: [1, -0.5, 1e21, null, true, 'a\u2028'],
      nested: { 'a b': { deep: [[1], []] } },
    };
    expect(evaluate(`(${printData(data)})`)).toEqual(data);
    expect(evaluate(`(${printData({ list: hostile, data })})`)).toEqual({ list: hostile, data });
    for (const line of printData({ list: hostile.slice(0, 40), data }).split('\n'))
      expect(line.length).toBeLessThan(112);
  });

  it('print comments that stay comments, on one line, without directives', () => {
    for (const text of hostile) {
      const printed = printComment(text);
      expect(printed.length).toBeLessThan(2_000);
      expect(printed).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      const code = `/** ${printed} */ const x: number = 'wrong';`;
      expect(evaluate(`/** ${printed} */ 7`)).toBe(7);
      const file = ts.createSourceFile('x.ts', code, ts.ScriptTarget.ES2022, true);
      expect(file.statements.length).toBe(1);
      expect(code).not.toMatch(/@ts-/);
    }
  });

  it('leave formulas as they are', () => {
    expect(printComment("return x @ W' + b   // Σ")).toBe("return x @ W' + b // Σ");
  });
});
