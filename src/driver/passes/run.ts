// Runs passes over the state, verifies the form that each leaves, and reports their times to a watcher.
import type { Source } from '../../diagnostics/source.ts';
import { Overrides } from '../../elaborate/model/settings.ts';
import { targetOf } from '../../targets/table.ts';
import type { VariantWishes } from '../../targets/target.ts';
import type { CompileOptions } from '../compilation.ts';
import type { Form } from './forms.ts';
import type { Change, CompilerState } from './state.ts';

interface PassOf<Result> {
  readonly name: string;
  readonly form: Form;
  run(state: CompilerState): Result;
}

/** A synchronous pass. */
export type Pass = PassOf<Change>;

/** A pass that may query the machine, or load large modules. */
export type LatePass = PassOf<Change | Promise<Change>>;

export interface PassTiming {
  readonly name: string;
  /** Milliseconds of the pass itself, and of verifying its form. */
  readonly ran: number;
  readonly verified: number;
  /** Of the form after the pass: `214 nodes`. */
  readonly size: string;
}

export type Watch = (timing: PassTiming) => void;

export function begin(
  source: Source,
  options: CompileOptions,
  more: VariantWishes & Pick<CompilerState, 'place'> = {},
): CompilerState {
  const { deterministic = false, portable = false, place } = more;
  return {
    source,
    options,
    target: targetOf(options.target),
    overrides: new Overrides(options.overrides, options.schedule),
    diagnostics: [],
    wanted: [],
    programs: new Map(),
    wishes: { deterministic, portable },
    variants: [],
    ...(place && { place }),
  };
}

export function runPasses(passes: readonly Pass[], from: CompilerState, watch?: Watch): CompilerState {
  let state = from;
  for (const pass of passes) {
    const start = performance.now();
    const before = state;
    state = { ...before, ...pass.run(before) };
    finish(pass, before, state, { start, watch });
  }
  return state;
}

export async function runPass(pass: LatePass, from: CompilerState, watch?: Watch): Promise<CompilerState> {
  const start = performance.now();
  const state = { ...from, ...(await pass.run(from)) };
  finish(pass, from, state, { start, watch });
  return state;
}

interface Watched {
  readonly start: number;
  readonly watch: Watch | undefined;
}

function finish(
  { name, form }: LatePass,
  before: CompilerState,
  state: CompilerState,
  { start, watch }: Watched,
): void {
  const ran = performance.now();
  // a pass that changed nothing leaves a form that is verified already
  if (before.programs !== state.programs || before.variants !== state.variants) form.verify(state);
  const verified = performance.now();
  watch?.({ name, ran: ran - start, verified: verified - ran, size: form.size(state) });
}
