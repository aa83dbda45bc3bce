// Contractions of every kind and of odd sizes: products, batched products, convolutions with their gradients, depths that are cut
// into blocks and into slices. Every target with a schedule is tested on them.
import { GraphBuilder } from '../../src/graph/builder.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { simplify } from '../../src/graph/simplify/simplify.ts';
import { numbersFrom } from '../ops/tensors.ts';
import { kernelsOf, type Given } from './wasm/run-wasm.ts';

interface Einsum {
  readonly title: string;
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly output: readonly number[];
  readonly sizes: readonly number[];
}

const einsum = (
  title: string,
  left: string,
  right: string,
  output: string,
  sizes: Readonly<Record<string, number>>,
): Einsum => {
  const labels = Object.keys(sizes);
  const numbers = (text: string) => [...text].map((label) => labels.indexOf(label));
  return {
    title,
    left: numbers(left),
    right: numbers(right),
    output: numbers(output),
    sizes: Object.values(sizes),
  };
};

const products: readonly Einsum[] = [
  ...[
    [1, 1, 1],
    [3, 3, 2],
    [5, 7, 3],
    [6, 8, 4],
    [7, 9, 5],
    [13, 17, 19],
    [64, 10, 33],
    [37, 130, 70],
  ].flatMap(([m = 1, n = 1, k = 1]) => [
    einsum(`${m}×${k} by ${k}×${n}`, 'mk', 'kn', 'mn', { m, n, k }),
    einsum(`${m}×${k} by (${n}×${k})'`, 'mk', 'nk', 'mn', { m, n, k }),
    einsum(`(${k}×${m})' by ${k}×${n}`, 'km', 'kn', 'mn', { m, n, k }),
    einsum(`(${k}×${m})' by (${n}×${k})', transposed`, 'km', 'nk', 'nm', { m, n, k }),
  ]),
  einsum('batched', 'bmk', 'bkn', 'bmn', { b: 3, m: 5, n: 6, k: 7 }),
  einsum('batch inside', 'mbk', 'nbk', 'mbn', { b: 3, m: 5, n: 6, k: 7 }),
  einsum('heads', 'bthd', 'bshd', 'bhts', { b: 2, t: 5, s: 6, h: 3, d: 4 }),
  einsum('several axes each', 'abk', 'kcd', 'acbd', { a: 3, b: 4, c: 2, d: 5, k: 6 }),
  einsum('several summed', 'mkl', 'nlk', 'mn', { m: 5, n: 6, k: 3, l: 4 }),
  einsum('outer', 'm', 'n', 'mn', { m: 5, n: 7 }),
  einsum('a deep one, in slices', 'km', 'kn', 'mn', { m: 9, n: 11, k: 4096 }),
  einsum('a deep one of a prime depth, in blocks', 'mk', 'nk', 'mn', { m: 9, n: 11, k: 2503 }),
  einsum('deep along two axes', 'abm', 'abn', 'mn', { a: 6, b: 700, m: 10, n: 7 }),
  einsum('many outputs and a long depth', 'km', 'kn', 'mn', { m: 60, n: 70, k: 1500 }),
];

interface Convolution {
  readonly title: string;
  readonly image: readonly [batch: number, channels: number, height: number, width: number];
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}

const convolution = (
  image: Convolution['image'],
  filters: number,
  kernel: number,
  stride = 1,
  dilation = 1,
  padding = 0,
): Convolution => ({
  title: `${image.join('×')}, ${filters} filters of ${kernel}, stride ${stride}, dilation ${dilation}, padding ${padding}`,
  ...{ image, filters, kernel, stride, dilation, padding },
});

const convolutions: readonly Convolution[] = [
  convolution([2, 1, 5, 5], 4, 3, 1, 1, 1),
  convolution([2, 3, 7, 9], 5, 3, 1, 1, 1),
  convolution([3, 4, 8, 8], 6, 3, 1, 1, 1),
  convolution([2, 3, 9, 7], 4, 3, 2, 1, 1),
  convolution([1, 2, 11, 13], 3, 5, 3, 1, 2),
  convolution([2, 3, 12, 10], 4, 3, 1, 2, 2),
  convolution([2, 3, 6, 6], 4, 1),
  convolution([2, 5, 6, 6], 4, 2, 2),
  convolution([16, 3, 16, 16], 8, 3, 1, 1, 1),
];

const random = numbersFrom(5);
const draw = (shape: readonly number[]) =>
  Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () =>
    Math.fround(2 * random() - 1),
  );

const contracted = products.map(({ title, left, right, output, sizes }, i) => {
  const builder = new GraphBuilder(`product ${i}`);
  const shape = (labels: readonly number[]) => labels.map((label) => sizes[label] ?? 1);
  const a = builder.input(`a${i}`, 'input', shape(left));
  const b = builder.input(`b${i}`, 'input', shape(right));
  builder.output('y', builder.contract(a, left, b, right, output));
  return {
    title,
    program: kernelsOf(builder.finish()),
    given: { [`a${i}`]: draw(a.shape), [`b${i}`]: draw(b.shape) },
  };
});

const convolved = convolutions.map(({ title, image, filters, kernel, stride, dilation, padding }, i) => {
  const builder = new GraphBuilder(`convolution ${i}`);
  const x = builder.input(`x${i}`, 'input', image);
  const w = builder.input(`w${i}`, 'input', [filters, image[1], kernel, kernel]);
  const pair = (value: number) => [value, value];
  const windows = builder.apply('windows', [x], {
    axes: [2, 3],
    sizes: pair(kernel),
    strides: pair(stride),
    dilations: pair(dilation),
    low: pair(padding),
    high: pair(padding),
    value: 0,
  });
  const y = builder.contract(windows, [0, 1, 2, 3, 4, 5], w, [6, 1, 4, 5], [0, 6, 2, 3]);
  const weights = builder.input(`c${i}`, 'input', y.shape);
  const loss = builder.sum(builder.multiply(y, weights), [0, 1, 2, 3]);
  builder.output('y', y);
  const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id, w.id]);
  const whole = new GraphBuilder(graph.name, graph);
  [x, w].forEach((leaf, k) => whole.output(`d${k}`, whole.node(gradients.get(leaf.id) ?? -1)));
  const given = { [`x${i}`]: draw(image), [`w${i}`]: draw(w.shape), [`c${i}`]: draw(y.shape) };
  return { title, program: kernelsOf(simplify(whole.finish())), given };
});

export const cases: readonly {
  readonly title: string;
  readonly program: ReturnType<typeof kernelsOf>;
  readonly given: Given;
}[] = [...contracted, ...convolved];
