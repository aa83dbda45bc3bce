// Arguments of convolution, pooling and normalization against plain loops in float64, written from PyTorch's definitions.
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { build, kernelsOf, run } from './run-program.ts';
import { numbersFrom } from '../ops/tensors.ts';

const random = numbersFrom(11);
const draw = (count: number) => Array.from({ length: count }, () => 2 * random() - 1);

function outputOf(
  net: string,
  input: string,
  values: Readonly<Record<string, readonly number[]>>,
  batch = 1,
) {
  const { x = [], ...stored } = values;
  const text = `model M {\n input x: ${input}\n target t: [1]\n net { ${net} }\n loss sum(output) * sum(t)\n optimizer SGD\n}`;
  const { graph, elaborated } = build(text, { program: 'forward', batch });
  const found = run(kernelsOf(graph), { x }, stored).outputs.get('output.output') ?? [];
  return { shape: elaborated.outputs[0]?.shape ?? [], values: [...found] };
}

function expectClose(found: readonly number[], wanted: readonly number[]): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((value, i) => expect(value, `element ${i}`).toBeCloseTo(wanted[i] ?? NaN, 12));
}

interface Transposed {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly extra: number;
  readonly dilation: number;
  readonly groups: number;
}

/** Every input position adds its kernel to the output: ConvTranspose2d of a square image, weights [C, channels / groups, k, k]. */
function transposed(x: readonly number[], W: readonly number[], C: number, size: number, given: Transposed) {
  const { channels, kernel, stride, padding, extra, dilation, groups } = given;
  const out = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 + extra;
  const y = new Array<number>(channels * out * out).fill(0);
  const perGroup = channels / groups;
  for (let c = 0; c < C; c++)
    for (let o = 0; o < perGroup; o++)
      for (let h = 0; h < size; h++)
        for (let w = 0; w < size; w++)
          for (let i = 0; i < kernel; i++)
            for (let j = 0; j < kernel; j++) {
              const [row, column] = [
                h * stride - padding + i * dilation,
                w * stride - padding + j * dilation,
              ];
              if (row < 0 || row >= out || column < 0 || column >= out) continue;
              const channel = Math.floor(c / (C / groups)) * perGroup + o;
              const place = (channel * out + row) * out + column;
              const weight = W[((c * perGroup + o) * kernel + i) * kernel + j] ?? NaN;
              y[place] = (y[place] ?? NaN) + (x[(c * size + h) * size + w] ?? NaN) * weight;
            }
  return { out, y };
}

describe('ConvTranspose2d', () => {
  it.each<Transposed>([
    { channels: 3, kernel: 3, stride: 2, padding: 1, extra: 1, dilation: 1, groups: 1 },
    { channels: 3, kernel: 3, stride: 3, padding: 0, extra: 2, dilation: 1, groups: 1 },
    { channels: 4, kernel: 3, stride: 2, padding: 0, extra: 0, dilation: 1, groups: 2 },
    { channels: 3, kernel: 2, stride: 1, padding: 1, extra: 0, dilation: 3, groups: 1 },
    { channels: 2, kernel: 3, stride: 2, padding: 2, extra: 1, dilation: 2, groups: 2 },
  ])('%o', (given) => {
    const [C, size] = [2, 4];
    const { channels, kernel, stride, padding, extra, dilation, groups } = given;
    const x = draw(C * size * size);
    const W = draw((C * channels * kernel * kernel) / groups);
    const net = `ConvTranspose2d(${channels}, kernel = ${kernel}, stride = ${stride}, padding = ${padding}, output_padding = ${extra}, dilation = ${dilation}, groups = ${groups}, bias = false)`;
    const found = outputOf(net, `[${C}, ${size}, ${size}]`, { x, 'conv_transpose2d_1.W': W });
    const { out, y } = transposed(x, W, C, size, given);
    expect(found.shape).toEqual([channels, out, out]);
    expectClose(found.values, y);
  });

  it('brings 7 × 7 back to 14 × 14', () => {
    const text = `model M {
      input x: [2, 7, 7]
      target t: [1]
      net { ConvTranspose2d(3, kernel = 3, stride = 2, padding = 1, output_padding = 1) }
      loss sum(output) * sum(t)
      optimizer SGD
    }`;
    const { specification } = compile({ path: 'm.nn', text, library: false });
    expect(specification.outputs[0]?.shape).toEqual([3, 14, 14]);
  });
});

describe('Conv1d', () => {
  it('in groups convolves each group of channels with its own kernels', () => {
    const [T, C, channels, kernel, groups] = [6, 4, 6, 3, 2];
    const [x, W] = [draw(T * C), draw((channels * C * kernel) / groups)];
    const net = `Conv1d(${channels}, kernel = ${kernel}, groups = ${groups}, bias = false)`;
    const found = outputOf(net, `[${T}, ${C}]`, { x, 'conv1d_1.W': W });
    const y: number[] = [];
    for (let t = 0; t + kernel <= T; t++)
      for (let o = 0; o < channels; o++) {
        let sum = 0;
        for (let c = 0; c < C / groups; c++)
          for (let i = 0; i < kernel; i++) {
            const from = Math.floor(o / (channels / groups)) * (C / groups) + c;
            sum += (x[(t + i) * C + from] ?? NaN) * (W[(o * (C / groups) + c) * kernel + i] ?? NaN);
          }
        y.push(sum);
      }
    expectClose(found.values, y);
  });
});

describe('pooling', () => {
  const [height, width] = [6, 7];
  const x = draw(height * width);
  const valueAt = (row: number, column: number): number | undefined =>
    row < 0 || row >= height || column < 0 || column >= width ? undefined : x[row * width + column];
  const windows = (kernel: number, stride: number, padding: number, dilation: number) => {
    const count = (size: number) =>
      Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
    const found: (number | undefined)[][] = [];
    for (let h = 0; h < count(height); h++)
      for (let w = 0; w < count(width); w++)
        found.push(
          Array.from({ length: kernel * kernel }, (_, k) =>
            valueAt(
              h * stride - padding + dilation * Math.floor(k / kernel),
              w * stride - padding + dilation * (k % kernel),
            ),
          ),
        );
    return found;
  };
  const inside = (window: readonly (number | undefined)[]) => window.filter((value) => value !== undefined);

  it('MaxPool2d with dilation', () => {
    const found = outputOf(
      'MaxPool2d(2, stride = 1, padding = 1, dilation = 2)',
      `[1, ${height}, ${width}]`,
      { x },
    );
    expectClose(
      found.values,
      windows(2, 1, 1, 2).map((window) => Math.max(...inside(window))),
    );
  });

  it('AvgPool2d without its padding', () => {
    const net = 'AvgPool2d(3, stride = 2, padding = 1, count_padding = false)';
    const found = outputOf(net, `[1, ${height}, ${width}]`, { x });
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expectClose(
      found.values,
      windows(3, 2, 1, 1).map((window) => mean(inside(window))),
    );
  });

  it('MaxPool1d with padding and dilation', () => {
    const [T, C] = [7, 2];
    const sequence = draw(T * C);
    const found = outputOf('MaxPool1d(3, stride = 2, padding = 2, dilation = 2)', `[${T}, ${C}]`, {
      x: sequence,
    });
    const y: number[] = [];
    for (let t = 0; t < Math.floor((T + 4 - 5) / 2) + 1; t++)
      for (let c = 0; c < C; c++) {
        const places = [0, 1, 2].map((i) => 2 * t - 2 + 2 * i).filter((at) => at >= 0 && at < T);
        y.push(Math.max(...places.map((at) => sequence[at * C + c] ?? NaN)));
      }
    expectClose(found.values, y);
  });
});

describe('features of a sequence', () => {
  const [batch, T, C] = [3, 5, 2];
  const x = draw(batch * T * C);
  const gain = [2, 3];
  const bias = [0.5, -1];

  it('BatchNorm normalizes over the examples and the positions, as PyTorch’s BatchNorm1d behind a Conv1d', () => {
    const text = `model M {\n input x: [${T}, ${C}]\n target t: [1]\n net { BatchNorm }\n loss sum(output) * sum(t)\n optimizer SGD\n}`;
    const { graph } = build(text, { program: 'gradient', training: true, batch });
    const stored = {
      'batch_norm_1.gain': gain,
      'batch_norm_1.bias': bias,
      'batch_norm_1.running_mean': [0, 0],
      'batch_norm_1.running_var': [1, 1],
    };
    const found = run(kernelsOf(graph), { x, t: [1, 1, 1] }, stored).outputs.get('output.output') ?? [];
    const wanted = x.map((value, i) => {
      const c = i % C;
      const own = x.filter((_, at) => at % C === c);
      const mean = own.reduce((a, b) => a + b, 0) / own.length;
      const variance = own.reduce((a, b) => a + (b - mean) ** 2, 0) / own.length;
      return ((gain[c] ?? NaN) * (value - mean)) / Math.sqrt(variance + 1e-5) + (bias[c] ?? NaN);
    });
    expectClose([...found], wanted);
  });

  it('Scaling scales them', () => {
    const found = outputOf(
      'Scaling',
      `[${T}, ${C}]`,
      { x, 'scaling_1.gain': gain, 'scaling_1.bias': bias },
      batch,
    );
    expectClose(
      found.values,
      x.map((value, i) => (gain[i % C] ?? NaN) * value + (bias[i % C] ?? NaN)),
    );
  });

  it('a net over time keeps as many statistics as it has channels', () => {
    const text = `model M {\n input x: [100, 1]\n target y: class(3)\n net { Conv1d(8, kernel = 5) BatchNorm ReLU Flatten Linear(3) }\n loss CrossEntropy\n optimizer Adam\n}`;
    const { specification } = compile({ path: 'm.nn', text, library: false });
    expect(specification.stored.find(({ path }) => path === 'batch_norm_1.gain')?.shape).toEqual([8]);
  });
});

describe('an element is picked, whatever stands beside it', () => {
  const losses = (loss: string, scores: readonly number[], target: string, t: readonly number[]) => {
    const text = `model M {\n input x: [${scores.length}]\n target y: ${target}\n net { Identity }\n loss ${loss}\n optimizer SGD\n}`;
    const { graph } = build(text, { program: 'gradient', batch: 1 });
    const { outputs } = run(kernelsOf(graph), { x: scores, y: t }, {});
    return { loss: outputs.get('loss')?.[0], gradient: [...(outputs.get('gradient.inputs.x') ?? [])] };
  };
  const masked = [2, -Infinity, 1, 0.5];

  it('CrossEntropy of a masked class: PyTorch’s value and gradient', () => {
    const found = losses('CrossEntropy', masked, 'class(4)', [0]);
    expect(found.loss).toBeCloseTo(0.46436878, 8);
    const total = Math.exp(2) + Math.exp(1) + Math.exp(0.5);
    expectClose(found.gradient, [Math.exp(2) / total - 1, 0, Math.exp(1) / total, Math.exp(0.5) / total]);
  });

  it('NLL, Hinge and KLDivergence beside an infinity', () => {
    expect(losses('NLL', [-0.5, -Infinity, -1], 'class(3)', [0]).loss).toBe(0.5);
    expect(losses('NLL', [-0.5, -Infinity, -1], 'class(3)', [1]).loss).toBe(Infinity);
    expect(losses('Hinge', [2, -Infinity, 1.5], 'class(3)', [0]).loss).toBe(0.5);
    expect(
      losses('KLDivergence', [Math.log(0.5), -Infinity, Math.log(0.5)], '[3]', [0.5, 0, 0.5]).loss,
    ).toBeCloseTo(0, 12);
  });

  it('weighs the class, and the example', () => {
    const weights = losses('CrossEntropy(class_weights = [2, 1, 1, 1])', masked, 'class(4)', [0]);
    expect(weights.loss).toBeCloseTo(2 * 0.46436878, 7);
    expect(weights.gradient.every(Number.isFinite)).toBe(true);
    const example = losses('max(x, axis = 0) * CrossEntropy(output, y)', masked, 'class(4)', [0]);
    expect(example.loss).toBeCloseTo(2 * 0.46436878, 7);
  });
});
