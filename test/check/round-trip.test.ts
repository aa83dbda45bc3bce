import { describe, expect, it } from 'vitest';
import { drawPoint } from '../../src/check/draw-point.ts';
import { checkModelInverse, checkStatedInverses } from '../../src/check/round-trip.ts';
import { compile } from '../../src/compile.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { readFileSync } from 'node:fs';

const coupling = readFileSync('models/additive-coupling.nn', 'utf8');

function sourceOf(text: string) {
  return { path: 'model.nn', text, library: false };
}

function model(net: string, shape = '[4]', layers = ''): string {
  return `${layers}
model Model {
  input  x: ${shape}
  target y: ${shape}
  net { ${net} }
  loss      MSE
  optimizer SGD
}
`;
}

function modelError(text: string): number {
  return checkModelInverse(compile(sourceOf(text), { batch: 3, programs: ['forward', 'inverse'] }), 5).error;
}

describe('a stated inverse', () => {
  it('gives every application its input back', () => {
    const { inverses, specification } = compile(sourceOf(coupling), { batch: 3, programs: [] });
    const trips = checkStatedInverses(
      inverses?.graph ?? { name: '', nodes: [], outputs: [], updates: [] },
      inverses?.records ?? [],
      drawPoint(specification, 2),
    );
    expect(trips.map(({ path }) => path)).toEqual(['additive_coupling_1', 'additive_coupling_2']);
    for (const { error } of trips) expect(error).toBeLessThan(1e-12);
  });

  it('is found out where it is none', () => {
    const { inverses, specification } = compile(sourceOf(coupling.replace('y2 - h(y1)', 'y2 + h(y1)')), {
      batch: 3,
      programs: [],
    });
    if (!inverses) throw new Error('no inverses');
    const [first] = checkStatedInverses(inverses.graph, inverses.records, drawPoint(specification, 2));
    expect(first?.error).toBeGreaterThan(0.01);
    expect(first?.record?.layer).toBe('AdditiveCoupling');
  });

  it('is a program of the model, and shares its weights', () => {
    const { programs, specification } = compile(sourceOf(coupling), { batch: 3 });
    expect(specification.programs).toEqual(['forward', 'evaluate', 'step', 'inverse']);
    const stored = programs
      .get('inverse')
      ?.kernels.buffers.flatMap(({ role }) => (role.kind === 'stored' ? [role.path] : []));
    expect([...new Set(stored)].sort()).toEqual([
      'additive_coupling_1.h.conv2d_1.W',
      'additive_coupling_1.h.conv2d_1.b',
      'additive_coupling_2.h.conv2d_1.W',
      'additive_coupling_2.h.conv2d_1.b',
    ]);
    expect(modelError(coupling)).toBeLessThan(1e-12);
  });

  it('is what the model goes by, where the body could not be undone', () => {
    const layers = 'layer Ramp (x: [D]) { return relu(x) - relu(-x)  inverse (y) { return y } }';
    expect(modelError(model('Ramp', '[4]', layers))).toBeLessThan(1e-12);
    expect(() => modelError(model('Ramp', '[4]', layers.replace(/inverse.*\} \}/, '}')))).toThrow(
      DiagnosticError,
    );
  });
});

describe('a derived inverse', () => {
  it.each([
    ['an additive coupling', 'C', coupling.replace(/\n {2}inverse[^}]*\}\n/s, '')],
    [
      'an affine coupling',
      'A',
      model(
        'Affine  Affine',
        '[6]',
        `layer Affine (x: [D]) {
  let s = Linear(D / 2), t = Linear(D / 2)
  let (a, b) = split(x)
  return concat(b * exp(tanh(s(a))) + t(a), a)
}`,
      ),
    ],
    [
      'element-wise steps',
      'E',
      model('Tanh  Steps', '[4]', 'layer Steps (x: [...]) { return exp(3 * x - 1) / 2 }'),
    ],
    [
      'changes of shape',
      'S',
      model('Turn', '[2, 3]', "layer Turn (x: [H, W]) { return reshape(reverse(x, axis = 1)', [H, W]) }"),
    ],
  ])('undoes %s', (_, __, text) => {
    expect(modelError(text)).toBeLessThan(1e-9);
  });

  it.each([
    ['ReLU', 'relu gives 0 for everything below it (in relu_1)'],
    ['Linear(4)', 'a product with a weight may lose what it is given (in linear_1)'],
    ['Scaling', 'the factor may be zero (in scaling_1)'],
    ['Softmax', 'softmax is the same for all inputs that differ by a number (in softmax_1)'],
  ])('says why %s has none', (net, reason) => {
    try {
      modelError(model(net));
      expect.fail('it has one');
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      expect(error.diagnostics).toMatchObject([{ code: 'inverse.none', args: { model: 'Model', reason } }]);
      expect(error.diagnostics[0]?.span?.source.path).toBe('model.nn');
    }
  });
});
