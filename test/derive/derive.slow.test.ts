import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { derive, printDerivation } from '../../src/derive/layout.ts';
import { isLoop, type Step } from '../../src/derive/roll.ts';
import { symbolicLayer, type SymbolicLayer } from '../../src/derive/symbolic-layer.ts';
import { buildLibrary } from '../../src/names/library.ts';
import type { Module } from '../../src/names/module.ts';
import { loadModule } from '../../src/names/modules.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { fuse } from '../../src/kernel/fuse/fuse.ts';
import { lower } from '../../src/kernel/lower.ts';
import { simplify } from '../../src/graph/simplify/simplify.ts';
import type { Definition } from '../../src/parser/ast.ts';
import type { Source } from '../../src/diagnostics/source.ts';
import { readImport, readLibrary } from '../../src/driver/read-sources.ts';
import { hashNumbers } from '../../src/runtime/random.ts';
import { evaluate, evaluateLoop, Symbols } from './evaluate-formula.ts';

const library = buildLibrary(readLibrary());

function moduleOf(source: Source): Module {
  return loadModule(source, readImport, library, []);
}

const models = readdirSync('models').map((name) => {
  const path = `models/${name}`;
  return moduleOf({ path, text: readFileSync(path, 'utf8'), library: false });
});

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

/** What has no formula by itself: a layer or a shape to be given. */
const without = new Set(['Reshape', 'Residual']);

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

/** Evaluates the lines in their order, and compares the layer's results with the compiled ones. */
function expectCompiled(layer: SymbolicLayer): readonly Step[] {
  const { steps } = derive(layer);
  const leaves = valuesOf(layer);
  const symbols = new Symbols(leaves);
  for (const step of steps) {
    if (isLoop(step)) evaluateLoop(step, symbols);
    else symbols.define(step.name, evaluate(step.formula, symbols), step.place?.position);
  }
  const bindings = {
    inputs: new Map<string, ArrayLike<number>>([...leaves, ['random_key', [1, 2, 3, 4, 5, 6]]]),
    stored: leaves,
  };
  const compiled = interpret(fuse(lower(simplify(layer.graph))), bindings).outputs;
  expect(compiled.size).toBeGreaterThan(1);
  for (const [name, expected] of compiled) {
    const found = symbols.find(name);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    expected.forEach((value, i) => {
      if (!(Math.abs((found[i] ?? NaN) - value) <= 1e-9 * scale))
        expect.fail(`${name}[${i}] is ${String(found[i])}, not ${value}`);
    });
  }
  return steps;
}

/** Layers with a scan, and in how many loops their formulas are read; none where they stay unrolled. */
const recurrent: readonly (readonly [what: string, text: string, loops: number])[] = [
  [
    'whose state is read by the next position alone',
    `layer Delayed (x: [T, D]) {
       param A: [D, D] = he
       scan x along T as x_t {
         state s: [D] = ones
         let before = s
         s <- tanh(A @ x_t)
         return before * x_t
       }
     }`,
    2,
  ],
  [
    'that starts from a parameter',
    `layer Learned (x: [T, D]) {
       param h0: [D] = ones
       param scale: [D] = ones
       scan x * 2 along T as x_t {
         state h: [D] = h0
         h <- Linear(D)(h) + x_t * sigmoid(h)
         return h * scale
       }
     }`,
    2,
  ],
  [
    'along another axis, without a parameter',
    `layer Sideways (x: [D, T]) {
       scan x along T as column {
         state low: [D] = zeros
         state high: [D] = zeros
         let middle = 0.5 * (low + high)
         low <- tanh(column - middle)
         high <- sigmoid(column * low) + high
         return low * high
       }
     }`,
    2,
  ],
  [
    'with a mean of its states behind it',
    `layer Average (x: [T, D]) -> [D] = mean(States(x), axis = T)
     layer States (x: [T, D]) {
       param A: [D, D] = he
       scan x along T as x_t {
         state h: [D] = zeros
         h <- tanh(A @ h + x_t)
         return h
       }
     }`,
    2,
  ],
  [
    'along a parameter, the same for all examples',
    `layer Weighted (x: [D]) {
       param seq: [6, D] = he
       param k: [D] = ones
       return x * sum(Walk(seq, k), axis = 0)
     }
     layer Walk (x: [T, D], k: [D]) {
       scan x along T as x_t {
         state h: [D] = zeros
         h <- tanh(k * h + x_t)
         return h
       }
     }`,
    2,
  ],
  [
    'with a result before its state, and another input in it',
    `layer Two (x: [T, D], z: [T, D]) -> [T, D] {
       param A: [D, D] = he
       scan x along T as x_t {
         state h: [D] = zeros
         let gate = sigmoid(A @ h + x_t)
         h <- gate * h + mean(z, axis = T)
         return gate
       }
     }`,
    2,
  ],
  [
    'whose last state alone is read',
    `layer Final (x: [T, D]) -> [D] {
       param A: [D, D] = he
       return A @ reshape(slice(States(x), axis = 0, start = T - 1, end = T), [D])
     }
     layer States (x: [T, D]) {
       scan x along T as x_t {
         state h: [D] = zeros
         h <- tanh(0.5 * h + x_t)
         return h
       }
     }`,
    2,
  ],
  [
    'whose positions are not all alike',
    `layer Noisy (x: [T, D]) {
       scan x along T as x_t {
         state h: [D] = zeros
         h <- tanh(h + Dropout(0.3)(x_t))
         return h
       }
     }`,
    0,
  ],
  [
    'that runs after another',
    `layer Twice (x: [T, D]) {
       param A: [D, D] = he
       let once = Sum(x)
       return x * Sum(tanh(once @ A))
     }
     layer Sum (x: [T, D]) {
       scan x along T as x_t {
         state h: [D] = zeros
         h <- 0.5 * h + x_t
         return h
       }
     }`,
    4,
  ],
];

describe('every printed formula', () => {
  it.each(candidates.filter(([name]) => !without.has(name)))(
    'of %s is the gradient that is compiled',
    (_, module, definition) => {
      const layer = symbolic(module, definition);
      const steps = expectCompiled(layer);
      expect(steps.some(isLoop)).toBe(layer.positioned !== undefined);
    },
  );

  it.each(recurrent)('of a scan %s, too', (_, text, loops) => {
    const module = moduleOf({ path: 'model.nn', text, library: false });
    const [definition] = module.definitions.values();
    if (!definition) throw new Error('no layer');
    const steps = expectCompiled(symbolic(module, definition));
    expect(steps.filter(isLoop)).toHaveLength(loops);
  });

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
    'RNN',
    'LSTM',
    'GRU',
  ])('%s', (name) => {
    const [module, definition] = find(name);
    const text = printDerivation(derive(symbolic(module, definition)), 'text');
    expect(text.replace(/\.nn:\d+$/m, '.nn')).toMatchSnapshot();
  });

  it.each(
    (['latex', 'markdown'] as const).flatMap((format) => [
      ['Quadratic and Conv2d', format, ['Quadratic', 'Conv2d']] as const,
      ['RNN, LSTM and GRU', format, ['RNN', 'LSTM', 'GRU']] as const,
    ]),
  )('%s as %s', (_, format, names) => {
    for (const name of names) {
      const [module, definition] = find(name);
      const text = printDerivation(derive(symbolic(module, definition)), format);
      expect(text.replace(/\.nn:\d+/, '.nn')).toMatchSnapshot();
    }
  });
});
