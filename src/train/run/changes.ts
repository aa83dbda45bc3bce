// What has changed between a run and its resumption: lines of the model's text, comments and spaces aside, and what was set on the
// command line. The weights go on; the loss, the rate, dropout, clipping and the schedule are those of the text as it is now.
import type { Json } from '../../runtime/specification.ts';

export interface Program {
  readonly text: string;
  /** `--set name=value`. */
  readonly overrides: ReadonlyMap<string, string>;
}

export function showProgram({ text, overrides }: Program): Json {
  return { text, overrides: Object.fromEntries(overrides) };
}

/** What `showProgram` gave; nothing where a checkpoint does not say. */
export function parseProgram(json: unknown): Program | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { text, overrides } = json as { readonly [name: string]: unknown };
  if (typeof text !== 'string' || typeof overrides !== 'object' || overrides === null) return undefined;
  const entries = Object.entries(overrides).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { text, overrides: new Map(entries) };
}

/** Lines that a person compares: `- was` and `+ is`, in the order of the texts. None where nothing has changed. */
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

/** The lines of one that the other lacks, each as often as it is missing. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}
