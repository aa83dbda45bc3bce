// How good the messages of common mistakes are: the average of their grades, and that no mistake brings on further messages.
// With NNC_MISTAKES=FILE the grades are written there as a table; scripts/mistakes.mjs does so.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandLines } from './mistakes/commands.ts';
import { dataMistakes } from './mistakes/data.ts';
import { gradeCommand, isAccepted } from './mistakes/grade-command.ts';
import { gradeData, isRead } from './mistakes/grade-data.ts';
import { errorsOf, gradeProgram, type GradedMistake } from './mistakes/grade-program.ts';
import { average, type Mistake } from './mistakes/grade.ts';
import { programs } from './mistakes/programs.ts';
import { keyOf, markdown, type Row } from './mistakes/table.ts';

interface Graded extends GradedMistake {
  readonly mistake: Mistake;
}

/** One after another: a command line is run in the working directory of the process. */
async function gradeAll(
  mistakes: readonly Mistake[],
  grade: (mistake: Mistake) => GradedMistake | Promise<GradedMistake>,
): Promise<readonly Graded[]> {
  const graded: Graded[] = [];
  for (const mistake of mistakes) graded.push({ mistake, ...(await grade(mistake)) });
  return graded;
}

const kinds = {
  'the language': await gradeAll(programs, gradeProgram),
  'the command line': await gradeAll(commandLines, gradeCommand),
  data: await gradeAll(dataMistakes, gradeData),
};
const rows: readonly Row[] = Object.entries(kinds).flatMap(([kind, graded]) =>
  graded.map(({ mistake, grade }) => ({ kind, habit: mistake.habit, grade })),
);

const table = process.env['NNC_MISTAKES'];
if (table !== undefined) {
  const earlier = new URL('./mistakes/earlier.json', import.meta.url);
  const before: unknown = JSON.parse(readFileSync(earlier, 'utf8'));
  writeFileSync(table, markdown(rows, new Map(Object.entries(before as { readonly [key: string]: number }))));
}

describe('mistakes', () => {
  it('are sixty-one or more of the language, and sixty or more of other kinds', () => {
    expect(programs.length).toBeGreaterThanOrEqual(61);
    expect(commandLines.length + dataMistakes.length).toBeGreaterThanOrEqual(60);
    expect(new Set(rows.map(keyOf)).size).toBe(rows.length);
  });

  it.each(Object.entries(kinds))('of %s are told of well', (_, graded) => {
    expect(average(graded.map(({ grade }) => grade))).toBeGreaterThanOrEqual(2.8);
  });

  it.each(
    Object.values(kinds)
      .flat()
      .map((each) => [each.mistake.habit, each] as const),
  )('%s: no message too many', (_, { mistake, messages }) => {
    expect(messages).toBeLessThanOrEqual(mistake.holds ?? 1);
  });

  it.each(programs.map((mistake) => [mistake.habit, mistake] as const))(
    '%s: what is meant compiles',
    (_, { right }) => {
      expect(errorsOf(right)).toEqual([]);
    },
  );

  it.each(commandLines.map((mistake) => [mistake.habit, mistake] as const))(
    '%s: what is meant is accepted',
    async (_, { right }) => {
      expect(await isAccepted(right)).toBe(true);
    },
  );

  it.each(dataMistakes.map((mistake) => [mistake.habit, mistake] as const))(
    '%s: what is meant is read',
    async (_, { right }) => {
      expect(await isRead(right)).toBe(true);
    },
  );
});
