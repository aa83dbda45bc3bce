import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { derive, printDerivation } from '../../src/derive/layout.ts';
import { symbolicLayer, type SymbolicLayer } from '../../src/derive/symbolic-layer.ts';
import { buildLibrary } from '../../src/graph/elaborate/library.ts';
import type { Module } from '../../src/graph/elaborate/module.ts';
import { loadModule } from '../../src/graph/elaborate/modules.ts';
import { interpret } from '../../src/ir/interpret.ts';
import { fuse } from '../../src/kernel/fuse.ts';
import { lower } from '../../src/kernel/lower.ts';
import { simplify } from '../../src/graph/simplify.ts';
import type { Definition } from '../../src/parser/ast.ts';
import { readImport, readLibrary } from '../../src/read-sources.ts';
import { hashNumbers } from '../../src/runtime/random.ts';
import { evaluate } from './evaluate-formula.ts';

const library = buildLibrary(readLibrary());

function moduleOf(path: string): Module {
  const source = { path, text: readFileSync(path, 'utf8'), library: false };
  return loadModule(source, readImport, library, []);
}

const models = readdirSync('models').map((name) => moduleOf(`models/${name}`));

function find(name: string): readonly [Module, Definition] {
  for (const module of [...models, library]) {
    const definition = module.definitions.get(name);
    if (definition) return [module, definition];
  }
  throw new Error(`no ${name}`);
}

const candidates = [library, ...models].flatMap((module) =>
  [...module.definitions.values()]
    .filter(({ kind }) => kind === 'layer' || kind === 'loss')
    .map((definition) => [definition.name.text, module, definition] as const),
);

/** What has no formula by itself: a layer or a shape to be given, thousands of lines when unrolled. */
const without = new Set(['Reshape', 'Residual', 'RNN', 'LSTM', 'GRU']);

function symbolic(module: Module, definition: Definition): SymbolicLayer {
  const layer = symbolicLayer(module, definition);
  if ('reason' in layer) throw new Error(`${definition.name.text}: ${layer.reason}`);
  return layer;
}

/** Values for the leaves, away from zero: whole below 3 where a class or an id is wanted. */
function valuesOf({ graph, definition }: SymbolicLayer): ReadonlyMap<string, Float64Array> {
  const leaves = graph.nodes.filter(({ operation }) => operation === 'input' || operation === 'stored');
  return new Map(
    leaves.map((node) => {
      const name = String(node.attributes['name'] ?? node.attributes['path']);
      const type = definition.inputs.find((input) => input.name.text === name)?.type;
      const whole = type?.kind === 'named';
      const length = node.shape.reduce((product, size) => product * size, 1);
      const value = (i: number) => hashNumbers(node.id, i) / 2 ** 32;
      return [
        name,
        Float64Array.from({ length }, (_, i) =>
          whole ? Math.floor(3 * value(i)) : node.operation === 'stored' ? value(i) - 0.4 : 2 * value(i) - 1,
        ),
      ] as const;
    }),
  );
}

describe('every printed formula', () => {
  it.each(candidates.filter(([name]) => !without.has(name)))(
    'of %s is the gradient that is compiled',
    (_, module, definition) => {
      const layer = symbolic(module, definition);
      const { lines } = derive(layer);
      const leaves = valuesOf(layer);
      const names = new Map<string, Float64Array>(leaves);
      for (const { name, formula } of lines) {
        const value = evaluate(formula, names);
        expect(names.has(name) && !layer.graph.outputs.some((output) => output.name === name)).toBe(false);
        names.set(name, value);
      }
      const bindings = {
        inputs: new Map<string, ArrayLike<number>>([...leaves, ['random_key', [1, 2, 3, 4, 5, 6]]]),
        stored: leaves,
      };
      const compiled = interpret(fuse(lower(simplify(layer.graph))), bindings).outputs;
      expect(compiled.size).toBeGreaterThan(1);
      for (const [name, expected] of compiled) {
        const found = names.get(name);
        const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
        expected.forEach((value, i) => {
          if (!(Math.abs((found?.[i] ?? NaN) - value) <= 1e-9 * scale))
            expect.fail(`${name}[${i}] is ${String(found?.[i])}, not ${value}`);
        });
      }
    },
  );

  it.each(['Reshape', 'Residual'])('%s has none by itself, and says why', (name) => {
    const [module, definition] = find(name);
    expect(symbolicLayer(module, definition)).toMatchObject({
      reason: expect.stringMatching(/^its argument `\w+` has no default$/) as unknown,
    });
  });
});

describe('as a person writes it', () => {
  it.each([
    'Linear',
    'Quadratic',
    'MySwish',
    'Softmax',
    'LogSoftmax',
    'NLL',
    'CrossEntropy',
    'LayerNorm',
    'BatchNorm',
    'SelfAttention',
    'AdditiveCoupling',
    'ConvAvgPool2d',
    'Conv2d',
    'MaxPool2d',
    'ReLU',
  ])('%s', (name) => {
    const [module, definition] = find(name);
    const text = printDerivation(derive(symbolic(module, definition)), 'text');
    expect(text.replace(/\.nn:\d+$/m, '.nn')).toMatchSnapshot();
  });

  it.each(['latex', 'markdown'] as const)('Quadratic and Conv2d as %s', (format) => {
    for (const name of ['Quadratic', 'Conv2d']) {
      const [module, definition] = find(name);
      const text = printDerivation(derive(symbolic(module, definition)), format);
      expect(text.replace(/\.nn:\d+/, '.nn')).toMatchSnapshot();
    }
  });
});
