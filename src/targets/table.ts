// The targets: what a model can be compiled to, and the default.
import { fail } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { gpujs } from './gpujs/target.ts';
import { native } from './native/target.ts';
import type { Target, TargetName } from './target.ts';
import { wasm } from './wasm/target.ts';

export type { Target, TargetName } from './target.ts';

export const targets: { readonly [name in TargetName]: Target } = { wasm, native, gpujs };

export const targetNames = Object.keys(targets) as readonly TargetName[];

export const defaultTarget: TargetName = 'wasm';

/** The target whose text is shown for `typescript` when no target is named. */
export const readableTarget: TargetName = 'gpujs';

/** The choices for a target; auto: the fastest here. */
export const targetChoices = [...targetNames, 'auto'] as const;
export type TargetChoice = (typeof targetChoices)[number];

/** Modes of all targets. */
export const modes: readonly string[] = targetNames.flatMap((name) => targets[name].modes);

/** The row of that name, or the default's. @throws DiagnosticError where there is no such target */
export function targetOf(name: string = defaultTarget): Target {
  const found = targetNames.find((known) => known === name);
  if (found !== undefined) return targets[found];
  const meant = suggest(name, targetNames);
  const help = meant === undefined ? `There are ${targetNames.join(', ')}.` : `Did you mean \`${meant}\`?`;
  return fail('target.unknown', undefined, { name, help });
}

/**
 * Resolves a choice: a target by its name or by one of its modes, or else the default.
 * @throws DiagnosticError where the choices contradict one another
 */
export function chooseTarget<T extends string>(
  wish: T | undefined,
  mode: string | undefined,
  deterministic = false,
): T | TargetName {
  const moded =
    mode === undefined ? undefined : targetNames.find((name) => targets[name].modes.includes(mode));
  if (mode !== undefined && moded === undefined)
    fail('target.mode-unknown', undefined, { mode, modes: modes.join(', ') });
  if (mode !== undefined && moded !== undefined && wish !== undefined && wish !== moded)
    fail('target.mode', undefined, { mode, title: targets[moded].title, target: wish });
  const named = targetNames.find((name) => name === wish);
  if (deterministic && named !== undefined && targets[named].machineBound !== undefined)
    fail('target.deterministic', undefined, { target: named, title: targets[named].title });
  return wish ?? moded ?? defaultTarget;
}
