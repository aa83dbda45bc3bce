// Describes the measurements, to be printed as JSON or as a table.
import { printable } from '../../../diagnostics/printable.ts';
import type { MemoryUse } from '../../../runtime/memory-use.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import { showBytes, showCount } from '../../../train/progress/text.ts';
import type { Profile } from '../../../targets/profile/profile.ts';
import type { Times } from '../../../targets/profile/time.ts';
import { linesOf, namesOf, workOf } from './work.ts';
import { showMemoryUse } from '../../memory-text.ts';
import { showTable } from '../../table.ts';

export interface Measured {
  readonly specification: ModelSpecification;
  /** What the model ran on. */
  readonly mode: string;
  /** Complete steps, in milliseconds. */
  readonly step: Times;
  readonly profile: Profile;
  /** Bytes allocated for the model, if known. */
  readonly allocated: number | undefined;
  /** Resident bytes of the process while it trained. */
  readonly resident: number;
}

/** Times in milliseconds, rates in GFLOP/s (a multiply-add counts as two) and GB/s, memory in bytes. */
export interface BenchDescription {
  readonly model: string;
  readonly source: string;
  readonly batch: number;
  readonly mode: string;
  readonly step: Times;
  readonly examples_per_second: number;
  readonly multiply_adds: number;
  readonly gflops: number;
  readonly peak_gflops: number;
  /** In execution order. */
  readonly kernels: readonly KernelDescription[];
  /** A step's time outside of kernels: copying the batch, waiting at barriers, reading the loss. */
  readonly between: number;
  readonly memory: {
    /** The compiler's memory plan. */
    readonly plan: MemoryUse | null;
    /** Bytes allocated, if known. */
    readonly allocated: number | null;
    readonly resident: number;
  };
}

export interface KernelDescription {
  /** The fused operations. */
  readonly names: readonly string[];
  /** `mnist.nn:7` */
  readonly lines: readonly string[];
  readonly phase: string;
  readonly milliseconds: number;
  /** The share of all kernels' time. */
  readonly share: number;
  readonly multiply_adds: number;
  readonly gflops: number;
  readonly of_peak: number;
  /** Of the minimum traffic in bytes; cached data make it exceed the memory's bandwidth. */
  readonly gigabytes_per_second: number;
}

export function describeBench(measured: Measured): BenchDescription {
  const { specification, mode, step, profile, allocated, resident } = measured;
  const total = profile.timed.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const counted = new Set<string>();
  const kernels = profile.timed.map(({ kernels: own, milliseconds }): KernelDescription => {
    const { multiplyAdds, bytes } = workOf(own, profile.program, counted);
    const gflops = rate(2 * multiplyAdds, milliseconds);
    return {
      names: namesOf(own, profile.program.buffers),
      lines: linesOf(own),
      phase: own[0]?.phase ?? 'forward',
      milliseconds,
      share: total > 0 ? milliseconds / total : 0,
      multiply_adds: multiplyAdds,
      gflops,
      of_peak: gflops / profile.peak,
      gigabytes_per_second: rate(bytes, milliseconds),
    };
  });
  const multiplyAdds = kernels.reduce((sum, kernel) => sum + kernel.multiply_adds, 0);
  const { memory } = specification;
  return {
    model: specification.name,
    source: specification.source,
    batch: specification.batch,
    mode,
    step,
    examples_per_second: (1000 * specification.batch) / step.median,
    multiply_adds: multiplyAdds,
    gflops: rate(2 * multiplyAdds, step.median),
    peak_gflops: profile.peak,
    kernels,
    between: step.median - total,
    memory: {
      plan: memory ?? null,
      allocated: allocated ?? null,
      resident,
    },
  };
}

/** In 10⁹ per second; 0 for kernels faster than the clock's resolution. */
function rate(count: number, milliseconds: number): number {
  return milliseconds > 0 ? count / milliseconds / 1e6 : 0;
}

/** Maximum number of rows; the others are summed up. */
const mostRows = 40;
const mostNames = 3;

export function showBench(bench: BenchDescription): string {
  const { step, kernels, memory } = bench;
  const sorted = kernels.toSorted((a, b) => b.milliseconds - a.milliseconds);
  const rows = sorted
    .slice(0, mostRows)
    .map((kernel) => [
      listSome(kernel.names),
      listSome(kernel.lines, 2),
      kernel.phase,
      showMilliseconds(kernel.milliseconds),
      showShare(kernel.share),
      kernel.gflops > 0 ? kernel.gflops.toFixed(1) : '',
      kernel.gflops > 0 ? showShare(kernel.of_peak) : '',
      kernel.gigabytes_per_second > 0 ? kernel.gigabytes_per_second.toFixed(1) : '',
    ]);
  const rest = sorted.slice(mostRows);
  const restTime = rest.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const restShare = rest.reduce((sum, { share }) => sum + share, 0);
  if (rest.length > 0)
    rows.push([`${rest.length} more`, '', '', showMilliseconds(restTime), showShare(restShare), '', '', '']);
  const { plan, allocated, resident } = memory;
  const table = showTable(
    ['computes', 'line', 'phase', 'ms', 'share', 'GFLOP/s', 'of peak', 'GB/s'],
    rows,
    [3, 4, 5, 6, 7],
  );
  return [
    `${bench.model} (${printable(bench.source)}), batch ${bench.batch}, on ${bench.mode}`,
    `  step     ${showMilliseconds(step.median)} ms (${showMilliseconds(step.low)} to ${showMilliseconds(step.high)} in eight of ten; ` +
      `${showCount(step.count)} steps), ${showCount(Math.round(bench.examples_per_second))} examples/s`,
    `  compute  ${showCount(bench.multiply_adds)} multiply-adds, ${bench.gflops.toFixed(1)} GFLOP/s of a measured peak of ${bench.peak_gflops.toFixed(1)}`,
    `  memory   ${allocated === null ? '' : `${showBytes(allocated)} of the model, `}${showBytes(resident)} of the process` +
      (plan ? `; planned: ${showMemoryUse(plan)}` : ''),
    '',
    table,
    '',
    `kernels ${showMilliseconds(step.median - bench.between)} ms; a step takes ${showMilliseconds(bench.between)} ms beyond them`,
  ].join('\n');
}

function listSome(texts: readonly string[], most = mostNames): string {
  const shown = texts.slice(0, most).join(', ');
  return texts.length > most ? `${shown}, +${texts.length - most}` : shown;
}

const showMilliseconds = (value: number) => value.toFixed(3);
const showShare = (value: number) => `${(100 * value).toFixed(1)} %`;
