// The differences between a run and its resumption: lines of the model's text, without comments and spaces, and command-line overrides.
// The weights are kept; loss, rate, dropout, clipping and schedule are those of the present text.
import type { Json } from '../../runtime/specification.ts';

export interface Program {
  readonly text: string;
  /** `--set name=value`. */
  readonly overrides: ReadonlyMap<string, string>;
}

export function showProgram({ text, overrides }: Program): Json {
  return { text, overrides: Object.fromEntries(overrides) };
}

/** Parses what `showProgram` returned; undefined if the checkpoint has none. */
export function parseProgram(json: unknown): Program | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { text, overrides } = json as { readonly [name: string]: unknown };
  if (typeof text !== 'string' || typeof overrides !== 'object' || overrides === null) return undefined;
  const entries = Object.entries(overrides).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { text, overrides: new Map(entries) };
}

/** A diff for people: `- was` and `+ is`, in the order of the texts. Empty if nothing has changed. */
export function changesBetween(before: Program, now: Program): readonly string[] {
  const [old, fresh] = [linesOf(before), linesOf(now)];
  return [
    ...without(old, fresh).map((line) => `- ${line}`),
    ...without(fresh, old).map((line) => `+ ${line}`),
  ];
}

function linesOf({ text, overrides }: Program): string[] {
  const lines = text
    .split('\n')
    .map((line) =>
      line
        .replace(/\/\/.*$/, '')
        .trim()
        .replace(/\s+/g, ' '),
    )
    .filter((line) => line !== '');
  return [...lines, ...[...overrides].map(([name, value]) => `--set ${name}=${value}`)];
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
