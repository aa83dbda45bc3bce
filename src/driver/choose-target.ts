// `auto`: times the first steps (or, for a trained model, the first batches) on another available target, and chooses it over the default
// if it is faster. The choice and its reason are reported.
import type { Source } from '../diagnostics/source.ts';
import { drawBatch } from '../targets/profile/data.ts';
import { repeatFor } from '../targets/profile/time.ts';
import { defaultTarget, targetNames, targets, type Target, type TargetName } from '../targets/table.ts';
import { build, loadBuild } from './build.ts';
import type { CompileOptions } from './compilation.ts';

export interface AutoRequest {
  readonly source: Source;
  readonly options: Omit<CompileOptions, 'target'>;
  readonly deterministic: boolean;
  readonly threads?: number;
  /** What will be run: by default training steps. */
  readonly program?: keyof typeof timedWork;
}

/** The unit timed, in the words of the note. */
const timedWork = { step: 'steps', evaluate: 'batches' } as const;

/** Seconds for timing each target, after as long a warm-up. */
const timed = 0.25;

/** The target chosen; for `auto`, the default or the target that beats it here. @param note receives the choice and its reason */
export async function resolveTarget<T extends string>(
  wish: T,
  request: AutoRequest,
  note: (text: string) => void,
): Promise<Exclude<T, 'auto'> | TargetName> {
  if (wish !== 'auto') return wish as Exclude<T, 'auto'>;
  let best = targets[defaultTarget];
  let time: number | undefined;
  for (const name of targetNames) {
    const rival = targets[name];
    if (!rival.automatic) continue;
    const against = await objection(rival, request);
    if (against !== undefined) {
      note(`target ${best.name}: ${against}`);
      continue;
    }
    const rivalTime = await timeBatch(rival, request);
    time ??= await timeBatch(best, request);
    const [winner, least] = rivalTime < time ? [rival, rivalTime] : [best, time];
    const work = timedWork[request.program ?? 'step'];
    const times = `${rivalTime.toFixed(2)} ms ${rival.place} and ${time.toFixed(2)} ms ${best.place}`;
    note(`target ${winner.name}: the first ${work} took ${times}`);
    [best, time] = [winner, least];
  }
  return best.name;
}

/** Why the target is not tried. */
async function objection(rival: Target, { deterministic }: AutoRequest): Promise<string | undefined> {
  if (deterministic && rival.machineBound !== undefined)
    return `${rival.machineBound}, and --deterministic is given`;
  return (await rival.missing())?.reason;
}

/** Milliseconds per batch of random data. */
async function timeBatch(
  target: Target,
  { source, options, threads, program = 'step' }: AutoRequest,
): Promise<number> {
  const { specification, create } = await loadBuild(
    await build({ source, target: target.name, options: { ...options, programs: [program] } }),
  );
  const model = await create(threads === undefined ? {} : { threads });
  try {
    const data = drawBatch(specification);
    const once = () => model[program](data);
    await repeatFor(timed, once);
    return (await repeatFor(timed, once)).median;
  } finally {
    await model.destroy();
  }
}
