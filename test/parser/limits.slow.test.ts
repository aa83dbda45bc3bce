import { describe, expect, it } from 'vitest';
import { parse } from '../../src/parser/parse.ts';
import { read, sourceOf } from './reading.ts';

const codesOf = (text: string) => parse(sourceOf(text)).diagnostics.map((each) => each.code);

describe('nesting', () => {
  /** Texts that nest `depth` levels deep, each in its own way. */
  const nested: Record<string, (depth: number) => string> = {
    parentheses: (depth) => `const a = ${'('.repeat(depth)}1${')'.repeat(depth)}`,
    lists: (depth) => `const a = ${'['.repeat(depth)}1${']'.repeat(depth)}`,
    calls: (depth) => `const a = ${'f('.repeat(depth)}1${')'.repeat(depth)}`,
    'calls of calls': (depth) => `const a = f${'(1)'.repeat(depth)}`,
    minuses: (depth) => `const a = ${'-'.repeat(depth)}1`,
    negations: (depth) => `const a = ${'not '.repeat(depth)}b`,
    transposes: (depth) => `const a = x${"'".repeat(depth)}`,
    powers: (depth) => `const a = ${'b^'.repeat(depth)}1`,
    blocks: (depth) => `layer L (x) ${'{ residual '.repeat(depth - 1)}{ }${' }'.repeat(depth - 1)}`,
    'else if': (depth) => `layer L (x) { if a { }${' else if a { }'.repeat(depth - 2)} }`,
    shapes: (depth) => `layer L (x: ${'['.repeat(depth - 1)}1${']'.repeat(depth - 1)}) { }`,
    'everything in turn': (depth) => `const a = ${'-('.repeat(depth / 2)}1${')'.repeat(depth / 2)}`,
  };
  for (const [way, text] of Object.entries(nested)) {
    it(`of ${way} goes to 100 levels`, () => {
      expect(codesOf(text(100))).toEqual([]);
      expect(codesOf(text(102))).toEqual(['syntax.nesting']);
    });
    it(`of ${way} does not overflow when it is absurd`, () => {
      expect(codesOf(text(50_000))).toEqual(['syntax.nesting']);
    });
  }

  it('of unclosed brackets does not overflow', () => {
    for (const opener of ['(', '[', '{', 'model M { ', 'f(', 'layer L (x) { if a '])
      expect(codesOf(opener.repeat(50_000))[0]).toMatch(/^syntax\./);
  });

  it('does not count what stands side by side', () => {
    expect(codesOf(`const a = ${'(1) + '.repeat(10_000)}1`)).toEqual([]);
    expect(codesOf(`layer L (x) { ${'x -> '.repeat(10_000)}x }`)).toEqual([]);
    expect(codesOf(`const a = [${'1, '.repeat(100_000)}1]`)).toEqual([]);
    expect(codesOf(`model M { net { ${'ReLU\n'.repeat(50_000)} } }`)).toEqual([]);
    expect(codesOf(`layer L (x) { ${"f(x)'  ".repeat(10_000)} }`)).toEqual([]);
  });
});

describe('size', () => {
  it('is 10 MiB at most', () => {
    const limit = 10 * 1024 * 1024;
    expect(codesOf(`//${' '.repeat(limit - 2)}`)).toEqual([]);
    const [found] = parse(sourceOf(' '.repeat(limit + 1))).diagnostics;
    expect(found).toMatchObject({ code: 'source.too-large', args: { path: 'model.nn', size: limit + 1 } });
  });

  it('is counted in bytes', () => {
    expect(codesOf(`//${'é'.repeat(5 * 1024 * 1024)}`)).toEqual(['source.too-large']);
  });

  it('of one token does not matter', () => {
    expect(codesOf(`import "${'x'.repeat(8_000_000)}"`)).toEqual([]);
    const long = 900_000;
    expect(codesOf(`import "${'\\n'.repeat(long / 2)}"`)).toEqual([]);
    expect(codesOf(`import "${'x'.repeat(long)}`)).toEqual(['syntax.string']);
    expect(codesOf(`const ${'a'.repeat(long)} = 1`)).toEqual([]);
    expect(codesOf(`const a = ${'1'.repeat(long)}`)).toEqual(['syntax.number-size']);
    expect(codesOf(`const a = ${'1_.'.repeat(long / 3)}`)).toEqual(['syntax.number']);
  });
});

describe('hostile names', () => {
  const names = [
    ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'],
    ...['arguments', 'eval', 'await', 'this', 'class', 'new', 'undefined', 'NaN', 'window', 'process'],
    'a'.repeat(10_000),
  ];
  it.each(names)('%s is a name like any other', (name) => {
    const { declarations } = read(`layer ${name}(${name} = 1) (x: [${name}]) { ${name}(${name} = ${name}) }
      model M { let ${name} = 1 input ${name}: [1] train { ${name} = 1 } }`);
    expect(declarations.map((each) => each.name.text)).toEqual([name, 'M']);
  });

  it('cannot break out of a text or a comment', () => {
    expect(read('import "*/ ${process.exit()} \u2028"').imports[0]?.path.value).toBe(
      '*/ ${process.exit()} \u2028',
    );
    expect(codesOf('const a\u202e = 1')).toEqual(['syntax.character']);
  });
});
