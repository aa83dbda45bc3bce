// A model worked out by hand: y = w·x + b for two features, half the squared error, gradient descent with rate 0.5, a class
// input that is only passed on, and a metric with one value and one with two. It keeps what every program was given.
import { createModel } from '../../src/runtime/create-model.ts';
import type { ModelOptions } from '../../src/runtime/model.ts';
import type { Arrays, Executable } from '../../src/runtime/executable.ts';
import type { ModelSpecification, ProgramName } from '../../src/runtime/specification.ts';

export const batch = 4;

export const linear: ModelSpecification = {
  format: 1,
  name: 'Linear',
  source: 'linear.nn',
  target: 'by hand',
  batch,
  inputs: [
    { name: 'x', shape: [2], kind: 'real' },
    { name: 'kind', shape: [], kind: 'class', limit: 3 },
  ],
  targets: [{ name: 'y', shape: [], kind: 'real' }],
  outputs: [{ name: 'prediction', shape: [] }],
  metrics: [
    { name: 'error', shape: [] },
    { name: '__proto__', shape: [2] },
  ],
  stored: [
    { path: 'w', shape: [2], storage: 'parameter', initial: { kind: 'normal', mean: 0, deviation: 1 } },
    { path: 'b', shape: [], storage: 'parameter', initial: { kind: 'fill', value: 0.5 } },
    { path: 'w#count', shape: [], storage: 'state', initial: { kind: 'fill', value: 0 } },
  ],
  programs: ['forward', 'evaluate', 'step', 'gradient'],
  train: { epochs: 1, batch, seed: 5, validation: 0 },
  memory: { parameters: 12, gradients: 12, states: 4, activations: 16, padding: 0, scratch: 0, page: 1 },
  fingerprint: 'f00d',
};

export class LinearExecutable implements Executable {
  readonly mode = 'by hand';
  readonly stored = new Map<string, Float32Array>();
  readonly calls: { readonly program: ProgramName; readonly inputs: Arrays }[] = [];
  destroyed = 0;

  async run(program: ProgramName, inputs: Arrays): Promise<Arrays> {
    this.calls.push({ program, inputs });
    const x = inputs['x'] ?? new Float32Array();
    const y = inputs['y'] ?? new Float32Array();
    const [w0 = NaN, w1 = NaN] = this.stored.get('w') ?? [];
    const [b = NaN] = this.stored.get('b') ?? [];
    const prediction = Float32Array.from(
      { length: batch },
      (_, i) => w0 * at(x, 2 * i) + w1 * at(x, 2 * i + 1) + b,
    );
    if (program === 'forward') return { 'output.prediction': prediction };
    const error = prediction.map((value, i) => value - at(y, i));
    const loss = error.map((value) => value ** 2 / 2);
    if (program === 'evaluate') {
      const pairs = Float32Array.from({ length: 2 * batch }, (_, i) => (i % 2 === 0 ? at(error, i / 2) : 1));
      return { 'output.prediction': prediction, loss, 'metric.error': error, 'metric.__proto__': pairs };
    }
    const slope = [0, 1].map((k) => mean(error.map((value, i) => value * at(x, 2 * i + k))));
    if (program === 'gradient') {
      return {
        'output.prediction': prediction,
        loss: Float32Array.of(mean(loss)),
        'gradient.params.w': Float32Array.from(slope),
        'gradient.params.b': Float32Array.of(mean(error)),
        'gradient.inputs.x': Float32Array.from({ length: 2 * batch }, (_, i) => {
          return (at(error, Math.floor(i / 2)) * (i % 2 === 0 ? w0 : w1)) / batch;
        }),
      };
    }
    this.stored.set('w', Float32Array.of(w0 - 0.5 * at(slope, 0), w1 - 0.5 * at(slope, 1)));
    this.stored.set('b', Float32Array.of(b - 0.5 * mean(error)));
    this.stored.set('w#count', Float32Array.of(at(this.stored.get('w#count') ?? [], 0) + 1));
    return {
      loss: Float32Array.of(mean(loss)),
      'metric.error': Float32Array.of(mean(error)),
      'metric.__proto__': Float32Array.of(mean(error), 1),
    };
  }

  async read(path: string): Promise<Float32Array> {
    return (this.stored.get(path) ?? new Float32Array()).slice();
  }

  async write(path: string, values: Float32Array): Promise<void> {
    this.stored.set(path, values.slice());
  }

  async destroy(): Promise<void> {
    this.destroyed++;
  }
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? NaN;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export async function openLinear(options: ModelOptions = {}, specification: ModelSpecification = linear) {
  const executable = new LinearExecutable();
  const model = await createModel(specification, async () => executable, options);
  return { model, executable };
}

export const examples = (count: number): { x: number[]; kind: number[]; y: number[] } => ({
  x: Array.from({ length: 2 * count }, (_, i) => Math.sin(i)),
  kind: Array.from({ length: count }, (_, i) => i % 3),
  y: Array.from({ length: count }, (_, i) => Math.cos(3 * i)),
});
