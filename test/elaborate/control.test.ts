// What is settled at compile time: `if`, `repeat`, `residual`, `parallel`, layers as arguments, chains.
import { describe, expect, test } from 'vitest';
import { build, diagnose, kernelsOf, run } from '../std/run-program.ts';
import { forward, model, outputShape, stored } from './models.ts';

const x = [1, 2, 3, 4];

describe('if', () => {
  const definitions = `layer Choice(kind: one_of(double, square) = double, twice: bool = false) (x: [...]) {
    if kind == double { let y = 2 * x } else { let y = x * x }
    if twice and kind != square { return y + y } else if twice { return y * y }
    return y
  }`;
  test.each([
    ['Choice', [2, 4, 6, 8]],
    ['Choice(kind = square)', [1, 4, 9, 16]],
    ['Choice(twice = true)', [4, 8, 12, 16]],
    ['Choice(square, true)', [1, 16, 81, 256]],
  ])('on hyper-parameters: %s', (layer, expected) => {
    expect(forward(model(`net { ${layer} }`, { definitions }), { x })['output']).toEqual(expected);
  });

  test('on sizes', () => {
    const sized = 'layer Pick (x: [D]) { if D > 3 { return sum(x) } else { return x } }';
    expect(outputShape(model('net { Pick }', { definitions: sized }))).toEqual([]);
    expect(outputShape(model('net { Linear(3) Pick }', { definitions: sized }))).toEqual([3]);
  });

  test('in a net', () => {
    const text = model('const wide = false\n net { if wide { Linear(9) } else { Linear(3) } }');
    expect(outputShape(text)).toEqual([3]);
    expect(outputShape(text, { overrides: { wide: 'true' } })).toEqual([9]);
  });

  test('what is not chosen is not looked at', () => {
    const text = model('net { if false { Linear(0) } Linear(3) }');
    expect(outputShape(text)).toEqual([3]);
  });
});

describe('a name where a word or a value may stand', () => {
  const image = { inputs: 'input x: [1, 4, 4]' };
  test.each([
    ['const k = 3', 'Conv2d(2, kernel = k)'],
    ['const k = [3, 3]', 'Conv2d(2, kernel = k)'],
    ['const k = 3', 'Conv2d(2, k)'],
    ['const k = 3, same = 1', 'Conv2d(2, kernel = k, padding = valid)'],
  ])('%s: %s', (definitions, layer) => {
    expect(outputShape(model(`net { ${layer} }`, { ...image, definitions }))).toEqual([2, 2, 2]);
  });

  test('is a word where it is one of the words', () => {
    const text = model('net { Conv2d(2, padding = same) }', { ...image, definitions: 'const same = 0' });
    expect(outputShape(text)).toEqual([2, 4, 4]);
  });

  test('is compared with a parameter', () => {
    const definitions = `const k = 3
      layer Wide(size: one_of(auto, int) = auto) (x: [D]) { if size == k { return sum(x) } else { return x } }`;
    expect(outputShape(model('net { Wide(3) }', { definitions }))).toEqual([]);
    expect(outputShape(model('net { Wide(4) }', { definitions }))).toEqual([4]);
  });

  test('may be an initializer or a layer', () => {
    const definitions = `layer Start(init: one_of(none, initializer) = none, body: one_of(none, layer) = none) (x: [D]) {
        if init == none { return x }
        param w: [D] = init
        return x + w
      }`;
    expect(outputShape(model('net { Start(init = he, body = relu) }', { definitions }))).toEqual([4]);
  });

  test('is refused where it is neither', () => {
    const codes = (layer: string, definitions = '') =>
      diagnose(model(`net { ${layer} }`, { ...image, definitions })).diagnostics.map(({ code }) => code);
    expect(codes('Conv2d(2, padding = smae)')).toEqual(['argument.option']);
    expect(codes('Conv2d(2, padding = wide)', 'const wide = true')).toEqual(['argument.type']);
  });
});

describe('training', () => {
  const definitions = `layer Mode (x: [...]) {
    if training { return 10 * x }
    return x
  }`;
  const text = model('net { Mode }', { definitions });
  const outputOf = (program: 'forward' | 'evaluate' | 'gradient', training: boolean) => {
    const { graph } = build(text, { program, training, batch: 1 });
    return [...(run(kernelsOf(graph), { x, goal: [0] }, {}).outputs.get('output.output') ?? [])];
  };

  test('is true in the training step, and in a gradient that is asked to train', () => {
    expect(outputOf('gradient', true)).toEqual([10, 20, 30, 40]);
    expect(outputOf('gradient', false)).toEqual(x);
    expect(outputOf('forward', true)).toEqual(x);
    expect(outputOf('evaluate', true)).toEqual(x);
  });

  test('buffers are updated by the step alone', () => {
    const counter = `layer Count (x: [...]) {
      buffer n: [1] = zeros
      if training { n <- n + 1 }
      return x + n
    }`;
    const counted = model('net { Count }', { definitions: counter });
    const after = (program: 'step' | 'gradient') => {
      const { graph } = build(counted, { program, batch: 1 });
      return [
        ...(run(kernelsOf(graph), { x, goal: [0] }, { 'count_1.n': [5] }).stored.get('count_1.n') ?? []),
      ];
    };
    expect(after('step')).toEqual([6]);
    expect(after('gradient')).toEqual([5]);
  });
});

describe('repeat', () => {
  test('gives its index, from 0', () => {
    const text = model('net { repeat 3 as i { Linear(2 + i, bias = false) } }');
    expect(stored(text)).toEqual(['linear_1.W: [2, 4]', 'linear_2.W: [3, 2]', 'linear_3.W: [4, 3]']);
  });

  test('nests, and counts by a formula', () => {
    const definitions = 'layer AddIndex(i: int) (x: [...]) = x + i';
    const text = model('const n = 2\n net { repeat n * 2 as i { repeat 2 as j { AddIndex(10 * i + j) } } }', {
      definitions,
    });
    // 10 · (0 + 1 + 2 + 3) twice, and 0 + 1 four times.
    expect(forward(text, { x: [0, 0, 0, 0] })['output']).toEqual([124, 124, 124, 124]);
  });

  test('zero times changes nothing', () => {
    expect(forward(model('net { repeat 0 { Linear(3) } Identity }'), { x })['output']).toEqual(x);
  });
});

describe('blocks that join', () => {
  test('residual adds its input', () => {
    const definitions = 'layer Double (x: [...]) = 2 * x';
    const text = model('net { residual { Double residual { Double } } }', { definitions });
    expect(forward(text, { x })['output']).toEqual([7, 14, 21, 28]);
  });

  test('parallel branches take the same value', () => {
    const definitions = 'layer Times(k: float) (x: [...]) = k * x';
    const sum = model('net { parallel sum { Times(2) } { Times(10) Times(10) } }', { definitions });
    expect(forward(sum, { x })['output']).toEqual([102, 204, 306, 408]);
    const concat = model('net { parallel concat(axis = 0) { Times(2) } { Identity } }', { definitions });
    expect(forward(concat, { x })['output']).toEqual([2, 4, 6, 8, 1, 2, 3, 4]);
    const joined = 'function largest (a: [...], b: [...]) = max(a, b)';
    const max = model('net { parallel largest { Times(2) } { Times(-1) } }', {
      definitions: `${definitions}\n${joined}`,
    });
    expect(forward(max, { x: [1, -1, 2, -2] })['output']).toEqual([2, 1, 4, 2]);
  });
});

describe('layers as values', () => {
  const definitions = `layer Times(k: float) (x: [...]) = k * x
    layer Twice(body: layer) (x: [...]) { return body(body(x)) }
    layer Apply(body: layer = Times(3)) (x: [...]) { x -> body }
    layer Pair (x: [D]) { return x, 2 * x }`;

  test.each([
    ['Twice(Times(2))', [4, 8, 12, 16]],
    ['Twice(Times(2) -> Times(5))', [100, 200, 300, 400]],
    ['Twice(relu)', [1, 2, 3, 4]],
    ['Apply', [3, 6, 9, 12]],
    ['Apply(body = Twice(Times(3)))', [9, 18, 27, 36]],
    ['Twice(Residual(Times(2)))', [9, 18, 27, 36]],
  ])('%s', (layer, expected) => {
    expect(forward(model(`net { ${layer} }`, { definitions }), { x })['output']).toEqual(expected);
  });

  test('a named chain is a layer', () => {
    const text = model('let h = Times(2) -> Times(3)\n output h(h(x)) + (x -> h)', { definitions });
    expect(forward(text, { x })['output']).toEqual([42, 84, 126, 168]);
  });

  test('a layer that was given some of its inputs takes the chain’s value first', () => {
    const weighed = 'layer Weighed(k: float = 1) (x: [D], w: [D]) = k * x * w';
    const text = model('output x -> Weighed(x, k = 2)', { definitions: weighed });
    expect(forward(text, { x })['output']).toEqual([2, 8, 18, 32]);
  });

  test('several results are taken apart', () => {
    const text = model('let (a, b) = Pair(x)\n output a + 10 * b', { definitions });
    expect(forward(text, { x })['output']).toEqual([21, 42, 63, 84]);
  });
});

describe('assert', () => {
  const definitions = `layer Square (x: [H, W]) {
    assert H == W and H > 1, "a square of {H} × {W} with sides over {one}, as {x}"
    let one = 1
    return x
  }`;
  test('lets pass what holds', () => {
    expect(outputShape(model('net { Square }', { definitions, inputs: 'input x: [2, 2]' }))).toEqual([2, 2]);
  });

  test('says its message with the values in force', () => {
    const wrong = diagnose(model('net { Square }', { definitions, inputs: 'input x: [2, 3]' })).diagnostics;
    expect(wrong.map(({ args }) => args)).toEqual([
      { text: 'a square of 2 × 3 with sides over {one}, as a tensor of shape [2, 3]' },
    ]);
  });
});
