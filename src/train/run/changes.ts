// What differs between a run and the present program, part by part: the net, the loss, the learning rate, … A resumed run goes on with
// another part only if that was asked for by name.
import { fail } from '../../diagnostics/diagnostic.ts';
import { printable } from '../../diagnostics/printable.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Program } from './program.ts';
import { recipeOf, type RecipePart } from './recipe.ts';

/** Options that are no part of the text. */
type OptionPart = 'overfit' | 'limit-batches';

export interface Change {
  readonly part: RecipePart | OptionPart;
  /** The lines then and now; empty where the part was not stated. */
  readonly before: readonly string[];
  readonly now: readonly string[];
}

/** Parts that a resumed run may have otherwise, by `--allow`. */
export const allowableParts = [
  'net',
  'loss',
  'optimizer',
  'lr',
  'schedule',
  'clip',
  'data',
  'batch',
  'accumulate',
] as const satisfies readonly RecipePart[];
export type AllowablePart = (typeof allowableParts)[number];

/** Parts of which a resumed run takes what it is now, without asking: how long it trains, and what makes an epoch better. */
const freeParts: readonly Change['part'][] = ['epochs', 'patience', 'monitor'];

/** Parts that say which function the weights are of, and how examples were prepared for it. */
const modelParts: readonly Change['part'][] = ['net', 'loss', 'data'];

export const isFree = ({ part }: Change): boolean => freeParts.includes(part);
export const isOfModel = ({ part }: Change): boolean => modelParts.includes(part);

/** Empty too if one of the texts has no model. */
export function changesBetween(before: Program, now: Program): readonly Change[] {
  const [old, fresh] = [recipeOf(before), recipeOf(now)];
  if (!old || !fresh) return [];
  const parts = new Set([...old.keys(), ...fresh.keys()]);
  return [...parts].flatMap((part) => {
    const change = { part, before: old.get(part) ?? [], now: fresh.get(part) ?? [] };
    return tokens(change.before) === tokens(change.now) ? [] : [change];
  });
}

/** The lines without their layout: a space counts only between two words. */
const tokens = (lines: readonly string[]): string =>
  lines
    .join(' ')
    .replace(/\s+/g, ' ')
    .replace(/ (?!\w)|(?<!\w) /g, '');

/** Maximum number of lines shown of a part. */
const mostLines = 12;

/** `lr: 0.1 then, 0.25 now`; of a longer part the lines that differ, as `- was` and `+ is`. */
export function showChange({ part, before, now }: Change): readonly string[] {
  if (before.length <= 1 && now.length <= 1)
    return [`${part}: ${printable(before[0] ?? 'not set')} then, ${printable(now[0] ?? 'not set')} now`];
  const differing = [
    ...without(before, now).map((line) => `- ${line}`),
    ...without(now, before).map((line) => `+ ${line}`),
  ];
  if (differing.length === 0) return [`${part}: its lines have another order`];
  const shown = differing.slice(0, mostLines).map((line) => `  ${printable(line)}`);
  const rest = differing.length - shown.length;
  return [`${part}:`, ...shown, ...(rest > 0 ? [`  and ${rest} more lines`] : [])];
}

/** The lines of one text that are missing in the other, with multiplicity. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

/**
 * @param within whether the checkpoint is of the middle of an epoch, whose batches must not change
 * @throws DiagnosticError where a part is not allowed to differ
 */
export function refuseChanges(
  { path, within }: { readonly path: string; readonly within: boolean },
  changes: readonly Change[],
  allowed: ReadonlySet<AllowablePart>,
): void {
  const isAllowable = ({ part }: Change) =>
    allowableParts.some((each) => each === part) && !(within && part === 'batch');
  const refused = changes.filter(
    (change) =>
      !isFree(change) && !(isAllowable(change) && (allowed as ReadonlySet<string>).has(change.part)),
  );
  if (refused.length === 0) return;
  const fixed = refused.filter((change) => !isAllowable(change)).map(({ part }) => part);
  const parts = changes.filter((change) => isAllowable(change)).map(({ part }) => part);
  const help =
    fixed.length > 0
      ? `Within ${within ? 'an epoch' : 'a run'}, ${fixed.join(', ')} cannot change: resume with the same, or begin anew without --resume.`
      : `--allow ${parts.join(',')} goes on with what is there now. Otherwise undo the change, or begin anew without --resume.`;
  fail('resume.changed', undefined, {
    path: printable(path),
    changes: refused
      .flatMap(showChange)
      .map((line) => `\n  ${line}`)
      .join(''),
    help,
  });
}

/** The parts that a text lists: `loss,lr`. @throws DiagnosticError for another name */
export function parseAllowed(text: string): ReadonlySet<AllowablePart> {
  const names = text.split(',').map((name) => name.trim());
  return new Set(names.map((name) => allowableParts.find((part) => part === name) ?? unknownPart(name)));
}

function unknownPart(name: string): never {
  const meant = suggest(name, allowableParts);
  const help =
    meant === undefined
      ? `It takes one or more of ${allowableParts.join(', ')}.`
      : `Did you mean \`${meant}\`?`;
  return fail('option.choice', undefined, { option: '--allow', found: JSON.stringify(name), help });
}
