// Compares every target available here with the interpreter's gradients at the same point. An unavailable target is reported as such; one
// with other results, or an error, fails the check.
import type { GradientCheck } from '../../../check/check-gradients.ts';
import type { CompileOptions } from '../../../compile.ts';
import { diagnosticText } from '../../../diagnostics/message.ts';
import { printable } from '../../../diagnostics/printable.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { Bindings } from '../../../ir/stages/interpret.ts';
import { namedRecord } from '../../../runtime/tensor.ts';
import { build, loadBuild } from '../../../driver/build.ts';
import type { GeneratedModule } from '../../../runtime/generated-module.ts';
import type { Streams } from '../../streams.ts';
import { targetNames, targets } from '../../../targets/table.ts';

export interface TargetCheck {
  /** `gpujs cpu` */
  readonly target: string;
  readonly verdict: 'agrees' | 'differs' | 'fails' | 'absent';
  /** Maximum of |difference| / (|interpreter's| + a hundredth of the tensor's largest, or a thousandth of the largest of all). */
  readonly error?: number;
  /** The tensor with that error. */
  readonly at?: string;
  readonly reason?: string;
}

/** For float32 against float64. */
const tolerance = 2e-3;

/** The interpreter's results, and the point. */
export interface CheckedPoint {
  readonly point: Bindings;
  readonly seed: number;
  readonly check: GradientCheck;
}

export async function compareTargets(
  source: Source,
  options: Omit<CompileOptions, 'target'>,
  { point, seed, check }: CheckedPoint,
  streams: Streams,
): Promise<readonly TargetCheck[]> {
  const found: TargetCheck[] = [];
  for (const target of targetNames) {
    const missing = await targets[target].missing();
    if (missing) {
      found.push({ target, verdict: 'absent', reason: diagnosticText(missing.diagnostic).message });
      continue;
    }
    const module = await loadBuild(await build({ source, target, options }));
    const { modes } = targets[target];
    for (const mode of modes.length > 0 ? modes : [undefined]) {
      const name = mode === undefined ? target : `${target} ${mode}`;
      streams.note(`running ${name}`);
      found.push({
        target: name,
        ...(await compareMode(module, { ...(mode !== undefined && { mode }), seed }, point, check)),
      });
    }
  }
  return found;
}

async function compareMode(
  { create, specification }: GeneratedModule,
  wishes: { readonly mode?: string; readonly seed: number },
  point: Bindings,
  { outputs }: GradientCheck,
): Promise<Omit<TargetCheck, 'target'>> {
  let model;
  try {
    model = await create(wishes);
  } catch (error) {
    const absent = error instanceof Error && error.name === 'GpuModeError';
    return { verdict: absent ? 'absent' : 'fails', reason: reasonOf(error) };
  }
  try {
    for (const [path, values] of point.stored) await model.write(path, Float32Array.from(values));
    const ports = [...specification.inputs, ...specification.targets].map(
      ({ name }) => [name, Float32Array.from(point.inputs.get(name) ?? [])] as const,
    );
    const { parameters, inputs } = await model.gradient(namedRecord(ports));
    // A gradient that is zero but for rounding (a bias before a softmax) is measured relative to the others.
    const least =
      0.1 *
      Math.max(
        0,
        ...[...outputs].map(([name, values]) => (name.startsWith('gradient.') ? largest(values) : 0)),
      );
    let worst = { error: 0, at: '' };
    const compare = (prefix: string, tensors: ReadonlyMap<string, { readonly data: ArrayLike<number> }>) => {
      for (const [name, { data }] of tensors) {
        const error = largestError(outputs.get(prefix + name) ?? new Float64Array(), data, least);
        if (!(error <= worst.error)) worst = { error, at: name };
      }
    };
    compare('gradient.params.', parameters);
    compare('gradient.inputs.', inputs);
    return { verdict: worst.error <= tolerance ? 'agrees' : 'differs', ...worst };
  } catch (error) {
    return { verdict: 'fails', reason: reasonOf(error) };
  } finally {
    await model.destroy();
  }
}

const largest = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function largestError(expected: Float64Array, found: ArrayLike<number>, least: number): number {
  const scale = Math.max(largest(expected), least);
  if (expected.length !== found.length) return Infinity;
  return expected.reduce((most, value, i) => {
    const difference = Math.abs((found[i] ?? NaN) - value);
    const error = difference === 0 ? 0 : difference / (Math.abs(value) + 1e-2 * scale);
    return Math.max(most, Number.isNaN(error) ? Infinity : error);
  }, 0);
}

const reasonOf = (error: unknown): string =>
  printable(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
