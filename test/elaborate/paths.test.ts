// What stored tensors are called: stable, readable paths.
import { describe, expect, test } from 'vitest';
import { build } from '../std/run-program.ts';
import { model, stored, storedIn } from './models.ts';

const blocks = `
layer Block(width: int) (x: [D]) { x -> Linear(width) -> LayerNorm -> Linear(width) }
layer ConvBlock(channels: int) (x: [C, H, W]) { x -> Conv2d(channels, kernel = 1) -> BatchNorm -> ReLU }
layer Named(width: int) (x: [D]) {
  let project = Linear(width)
  let hidden = Linear(width)(x)
  return project(x) + hidden
}`;

describe('paths of parameters', () => {
  test('unnamed layers are numbered from 1, each name for itself', () => {
    expect(stored(model('net { Linear(3) LayerNorm Linear(2) }'))).toEqual([
      'linear_1.W: [3, 4]',
      'linear_1.b: [3]',
      'layer_norm_1.gain: [3]',
      'layer_norm_1.bias: [3]',
      'linear_2.W: [2, 3]',
      'linear_2.b: [2]',
    ]);
  });

  test('layers without parameters count, too, each for its own name', () => {
    expect(stored(model('net { ReLU Linear(3, bias = false) ReLU Linear(2, bias = false) }'))).toEqual([
      'linear_1.W: [3, 4]',
      'linear_2.W: [2, 3]',
    ]);
  });

  test('numbering starts anew in each block of a layer of one’s own', () => {
    const paths = stored(model('net { Block(3) Block(2) }', { definitions: blocks })).map(
      (line) => line.split(':')[0],
    );
    expect(paths.filter((path) => path?.endsWith('.W'))).toEqual([
      'block_1.linear_1.W',
      'block_1.linear_2.W',
      'block_2.linear_1.W',
      'block_2.linear_2.W',
    ]);
  });

  test('names are read as words: conv_block_2.conv2d_1.b', () => {
    const text = model('net { ConvBlock(3) ConvBlock(2) }', {
      definitions: blocks,
      inputs: 'input x: [1, 4, 4]',
    });
    expect(stored(text)).toContain('conv_block_2.conv2d_1.b: [2]');
    expect(stored(text)).toContain('conv_block_2.batch_norm_1.running_var: [2]');
  });

  test('a `let` names the layer, whether it is applied at once or later', () => {
    const paths = stored(model('net { Named(3) }', { definitions: blocks }));
    expect(paths.filter((path) => path.includes('.W'))).toEqual(
      expect.arrayContaining(['named_1.project.W: [3, 4]', 'named_1.hidden.W: [3, 4]']),
    );
    expect(paths).toHaveLength(4);
  });

  test('a named chain owns its layers', () => {
    const text = model('let enc = Linear(3) -> ReLU -> Linear(2)\n output enc(x)');
    expect(stored(text).filter((path) => path.includes('W'))).toEqual([
      'enc.linear_1.W: [3, 4]',
      'enc.linear_2.W: [2, 3]',
    ]);
  });

  test('`repeat` counts as if it were unrolled', () => {
    const repeated = stored(model('net { Linear(4) repeat 2 { Linear(4) } Linear(4) }'));
    const unrolled = stored(model('net { Linear(4) Linear(4) Linear(4) Linear(4) }'));
    expect(repeated).toEqual(unrolled);
  });

  test('a `let` within a `repeat` names new layers each time', () => {
    const text = model('net { repeat 2 { let f = Linear(4, bias = false)  residual { f } } }');
    expect(stored(text)).toEqual(['f.W: [4, 4]', 'f_2.W: [4, 4]']);
  });

  test('a `let` that is called like an unnamed layer is another one', () => {
    const before = model(
      'let linear_1 = Linear(4, bias = false)\n output Linear(4, bias = false)(linear_1(x))',
    );
    expect(stored(before)).toEqual(['linear_1.W: [4, 4]', 'linear_2.W: [4, 4]']);
    const after = model(
      'let a = x -> Linear(4, bias = false)\n let linear_1 = Linear(4, bias = false)\n output linear_1(a)',
    );
    expect(stored(after)).toEqual(['linear_1.W: [4, 4]', 'linear_1_2.W: [4, 4]']);
  });

  test('branches and residual blocks count with what stands around them', () => {
    const text = model(`net {
      Linear(4, bias = false)
      residual { Linear(4, bias = false) }
      parallel sum { Linear(4, bias = false) } { Linear(4, bias = false) }
    }`);
    expect(stored(text).map((line) => line.split(':')[0])).toEqual([
      'linear_1.W',
      'linear_2.W',
      'linear_3.W',
      'linear_4.W',
    ]);
  });

  test('a model’s own tensors have plain names', () => {
    const text = model('param scale: [4] = ones\n buffer seen: [4] = zeros\n output scale * x + seen');
    expect(stored(text)).toEqual(['scale: [4]', 'seen: [4]']);
  });

  test('an optimizer’s states stand behind a weight’s path', () => {
    const text = model('net { Linear(1) }').replace('optimizer SGD', 'optimizer Adam');
    expect(storedIn(build(text).graph)).toEqual([
      'linear_1.W: [1, 4]',
      'linear_1.b: [1]',
      'linear_1.W#m: [1, 4]',
      'linear_1.W#v: [1, 4]',
      'linear_1.b#m: [1]',
      'linear_1.b#v: [1]',
    ]);
  });
});

describe('sharing by name', () => {
  test('uses one set of weights', () => {
    const text = model('let enc = Linear(4)\n output enc(enc(x)) + enc(x)');
    expect(stored(text)).toEqual(['enc.W: [4, 4]', 'enc.b: [4]']);
  });

  test('reaches through a layer of one’s own', () => {
    const definitions = `layer Twice(body: layer) (x: [D]) { return body(body(x)) }`;
    const text = model('let enc = Linear(4)\n net { Twice(enc) Twice(enc) }', { definitions });
    expect(stored(text)).toEqual(['enc.W: [4, 4]', 'enc.b: [4]']);
  });

  test('what is not named is made anew', () => {
    const text = model('output Linear(4)(Linear(4)(x))');
    expect(stored(text)).toHaveLength(4);
  });
});
