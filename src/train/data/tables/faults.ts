// What is wrong with a table's rows, gathered so that one message tells all of it: each kind of fault with its first lines.
import { fail } from '../../../diagnostics/diagnostic.ts';

/** Kinds of faults told in full, and lines told of each. */
const mostKinds = 20;
const mostLines = 5;

interface Kind {
  /** Of the first. */
  readonly reason: string;
  /** Whether all have that reason, word by word. */
  same: boolean;
  readonly lines: number[];
  count: number;
}

export class RowFaults {
  readonly #kinds = new Map<string, Kind>();
  /** Faults of kinds beyond those that are kept. */
  #others = 0;

  /** @param unit what rows are called by: a text file's lines, or rows counted from 1 */
  constructor(
    private readonly path: string,
    private readonly unit: 'line' | 'row',
  ) {}

  /** @param like what faults that the same words explain have in common, if the words name one of them */
  add(line: number, reason: string, like = reason): void {
    const kind = this.#kinds.get(like);
    if (!kind && this.#kinds.size === mostKinds) this.#others++;
    else if (!kind) this.#kinds.set(like, { reason, same: true, lines: [line], count: 1 });
    else {
      if (kind.lines.length < mostLines) kind.lines.push(line);
      kind.count++;
      kind.same &&= reason === kind.reason;
    }
  }

  /** @throws DiagnosticError where there is a fault */
  throwIfAny(): void {
    const { path, unit } = this;
    const kinds = [...this.#kinds].sort(([, a], [, b]) => (a.lines[0] ?? 0) - (b.lines[0] ?? 0));
    const [first] = kinds;
    if (!first) return;
    const count = kinds.reduce((sum, [, kind]) => sum + kind.count, this.#others);
    const [, { reason, lines }] = first;
    const [line = 0] = lines;
    if (count === 1 && unit === 'line') fail('data.row', undefined, { path, line, reason });
    if (count === 1) fail('data.table-row', undefined, { path, row: line, reason });
    const list = kinds.map(([, kind]) => `\n  ${this.#placeOf(kind)}: ${kind.reason}`);
    if (this.#others > 0) list.push(`\n  and ${this.#others} more`);
    fail('data.rows', undefined, { path, count, list: list.join('') });
  }

  #placeOf({ lines, count, same }: Kind): string {
    const left = count - lines.length;
    const [first, ...others] = lines;
    if (count === 1) return `${this.unit} ${first}`;
    return same
      ? `${this.unit}s ${listOf(lines, left)}`
      : `${this.unit} ${first} (and others like it: ${listOf(others, left)})`;
  }
}

function listOf(lines: readonly number[], left: number): string {
  if (left > 0) return `${lines.join(', ')} and ${left} more`;
  return lines.length === 1 ? String(lines[0]) : `${lines.slice(0, -1).join(', ')} and ${lines.at(-1)}`;
}
