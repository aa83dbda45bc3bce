// All mistakes with their grades, as Markdown.
import { average, points, type Grade } from './grade.ts';

export interface Row {
  readonly kind: string;
  readonly habit: string;
  readonly grade: Grade;
}

/** The grades of an earlier state, by kind and habit. */
export type Earlier = ReadonlyMap<string, number>;

export const keyOf = ({ kind, habit }: Pick<Row, 'kind' | 'habit'>) => `${kind}: ${habit}`;

const tick = (holds: boolean) => (holds ? '✓' : '–');

export function markdown(rows: readonly Row[], earlier: Earlier): string {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  const before = (row: Row) => earlier.get(keyOf(row));
  const mean = (numbers: readonly number[]) =>
    (numbers.reduce((sum, each) => sum + each, 0) / Math.max(1, numbers.length)).toFixed(2);
  const summary = [
    ['all', rows] as const,
    ...kinds.map((kind) => [kind, rows.filter((row) => row.kind === kind)] as const),
  ];
  return [
    '# Mistakes, and what is said of them',
    '',
    'What people write who come from other frameworks and languages, with the grade of the message they get: three quarters of a point',
    'each where the message names what is wrong in the words that were typed, shows its place, says what is right instead, and gives a mend.',
    'Nothing is graded by hand: names and places are read off the message, and mends are carried out, after which the model must compile,',
    'the command line be accepted, or the table be read. *Before* is the state before messages knew of habits.',
    '`node scripts/mistakes.mjs` writes this page; `test/diagnostics/mistakes.test.ts` holds the averages at 2.8 or more.',
    '',
    '| mistakes of | how many | before | now |',
    '| --- | --- | --- | --- |',
    ...summary.map(([name, of]) => {
      const known = of.flatMap((row) => before(row) ?? []);
      return `| ${name} | ${of.length} | ${mean(known)} | ${average(of.map(({ grade }) => grade)).toFixed(2)} |`;
    }),
    ...kinds.flatMap((kind) => [
      '',
      `## ${kind}`,
      '',
      '| mistake | what | where | what is right | mend | before | now |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...rows
        .filter((row) => row.kind === kind)
        .map((row) => {
          const { named, placed, expected, mended } = row.grade;
          const marks = [named, placed, expected, mended].map(tick).join(' | ');
          return `| ${row.habit.replaceAll('|', '\\|')} | ${marks} | ${before(row)?.toFixed(2) ?? ''} | ${points(row.grade).toFixed(2)} |`;
        }),
    ]),
    '',
  ].join('\n');
}
