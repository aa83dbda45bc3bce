// What does not matter to the result: names, white space, comments, the order of declarations, and how a net is written.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lex } from '../../src/parser/lex.ts';
import { build } from '../std/run-program.ts';
import { model } from './models.ts';

/** All of a graph but for where its nodes come from and what they are called. */
function computed(text: string): unknown[] {
  const { graph } = build(text);
  const nodes = graph.nodes.map(({ operation, inputs, attributes, shape }) => {
    const { path, name, ...others } = attributes;
    return { operation, inputs, shape, others, named: path !== undefined || name !== undefined };
  });
  return [nodes, graph.outputs.map(({ value }) => value), graph.updates];
}

const models = readdirSync('models').filter((name) => name.endsWith('.nn'));
const textOf = (name: string) => readFileSync(`models/${name}`, 'utf8');

/** Replaces each of the words wherever it stands as a token. */
function rename(text: string, words: readonly string[]): string {
  let result = '';
  let end = 0;
  for (const { image, startOffset } of lex({ path: '', text, library: false }).tokens) {
    result += text.slice(end, startOffset) + (words.includes(image) ? `${image}_renamed` : image);
    end = startOffset + image.length;
  }
  return result + text.slice(end);
}

/** What a text itself defines: its layers, its model, and the `let`s, inputs and parameters in them. */
function ownNames(text: string): string[] {
  const defining = /\b(?:layer|model|let|input|target|param|const|buffer)\s+(\w+)/g;
  const listed = /\blet\s*\(([^)]*)\)/g;
  return [
    ...[...text.matchAll(defining)].map(([, name = '']) => name),
    ...[...text.matchAll(listed)].flatMap(([, names = '']) => names.split(',').map((name) => name.trim())),
  ];
}

describe.each(models)('%s', (name) => {
  const text = textOf(name);

  test('under other names', () => {
    const renamed = rename(text, ownNames(text));
    expect(renamed).not.toBe(text);
    expect(computed(renamed)).toEqual(computed(text));
  });

  test('with every space and comment changed', () => {
    let spread = '';
    let end = -1;
    for (const { image, startOffset } of lex({ path: '', text, library: false }).tokens) {
      // A call's parenthesis touches what it calls; everything else may stand apart.
      spread += startOffset === end ? image : `\n\t  // aside\n${image}`;
      end = startOffset + image.length;
    }
    expect(computed(spread)).toEqual(computed(text));
    expect(computed(text.replaceAll('\n', '\r\n'))).toEqual(computed(text));
  });

  test('with its declarations in another order', () => {
    const declarations = text.split(/\n(?=\/\/|layer |model |loss |const )/);
    expect(computed(declarations.reverse().join('\n'))).toEqual(computed(text));
  });
});

describe('ways of writing', () => {
  const definitions = 'layer Block(width: int) (x: [D]) { x -> Linear(width) -> Tanh }';
  const same = [
    'net { Block(3) Linear(3) Tanh }',
    'net { Block(width = 3)  Linear(out = 3, bias = true) -> Tanh }',
    'net { x -> Block(3) -> Linear(3) -> Tanh }',
    'output Tanh(Linear(3)(Block(3)(x)))',
    'let a = Block(3)(x), b = a -> Linear(3)\n output tanh(b)',
    'let f = Block(3)\n let g = Linear(3) -> Tanh\n output g(f(x))',
    'const n = 1\n net { repeat n { Block(3) } if n == 1 { Linear(3) } Tanh }',
  ];
  test.each(same.slice(1))('%s', (body) => {
    expect(computed(model(body, { definitions }))).toEqual(computed(model(same[0] ?? '', { definitions })));
  });

  test('a renamed dimension', () => {
    const other = definitions
      .replaceAll('D', 'Features')
      .replaceAll('(x: ', '(value: ')
      .replace('x ->', 'value ->');
    expect(computed(model(same[0] ?? '', { definitions: other }))).toEqual(
      computed(model(same[0] ?? '', { definitions })),
    );
  });
});
