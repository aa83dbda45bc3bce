// A model for a table: which column is predicted, as a class or a number; which of the others are numbers, categories or of no use.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { isDate } from '../../../train/data/formats/csv-cells.ts';
import { dialectOptions, guessDialect } from '../../../train/data/formats/csv-dialect.ts';
import { openCsv, readCsvFile } from '../../../train/data/formats/csv.ts';
import type { CsvForm } from '../../../train/data/formats/csv-rows.ts';
import { openParquet } from '../../../train/data/formats/parquet.ts';
import type { FoundPath } from '../../../train/data/sources/paths.ts';
import { findColumn } from '../../../train/data/tables/plan.ts';
import type { TableReader } from '../../../train/data/tables/table.ts';
import { denseNet, least, nameLike, quoted, someOf, trainingOf, type Draft } from './draft.ts';
import type { Ask } from './questions.ts';

interface Column {
  readonly index: number;
  readonly name: string;
  readonly values: Float64Array;
  /** The distinct texts of a column of texts. */
  readonly texts?: readonly string[];
  readonly missing: number;
  /** Different values or texts. */
  readonly distinct: number;
}

interface Table {
  readonly path: string;
  readonly source: 'csv' | 'parquet';
  readonly csv?: CsvForm;
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly reader: TableReader;
}

export interface TableRequest {
  /** The column to predict, if the user names one. */
  readonly target: string | undefined;
  /** On a terminal. */
  readonly ask: Ask | undefined;
  /** How the `.nn` file calls the data. */
  readonly file: string;
}

export async function draftForTable(
  found: FoundPath,
  source: Table['source'],
  { target: wish, ask, file }: TableRequest,
): Promise<Draft> {
  const table = await readTable(found, source);
  const assumed: string[] = dialectRemarks(table);
  const target = await chooseTarget(table, wish, ask, assumed);
  const goal = goalOf(table, target, assumed);
  const features = table.columns.filter((column) => column !== target);
  const used = features.filter((column) => {
    const reason = uselessness(column, table.rows);
    if (reason !== undefined) assumed.push(`${column.name} is left out: ${reason}`);
    return reason === undefined;
  });
  if (used.length === 0)
    fail('init.data', undefined, {
      path: table.path,
      reason: `beside ${target.name} no column can be learned from`,
      help: assumed.join('; '),
    });
  const rows = target.missing > 0 ? completeRows([...used, target], table.rows) : table.rows;
  if (target.missing > 0) assumed.push(`${table.rows - rows} rows that lack a cell are left out`);
  else if (used.some(({ missing }) => missing > 0))
    assumed.push('missing cells become the mean of their column, or its most frequent text');
  return draftOf(table, { target, goal, used, all: used.length === features.length, rows, file, assumed });
}

interface Chosen {
  readonly target: Column;
  readonly goal: Goal;
  readonly used: readonly Column[];
  /** Whether every other column is used. */
  readonly all: boolean;
  readonly rows: number;
  readonly file: string;
  readonly assumed: readonly string[];
}

function draftOf(table: Table, { target, goal, used, all, rows, file, assumed }: Chosen): Draft {
  const width = used.reduce((sum, column) => sum + (column.texts?.length ?? 1), 0);
  const texts = used.filter((column) => column.texts);
  const aside = rows >= least;
  const port = nameLike(target.name, 'y');
  return {
    about: [
      `Predicts ${target.name} from ${someOf(used.map(({ name }) => name))}: ${rows} rows of ${file}.`,
      ...(goal.kind === 'number' ? ['The loss is the mean square of how far off a prediction is.'] : []),
    ],
    inputs: [{ name: port === 'x' ? 'features' : 'x', type: `[${width}]`, remark: columnsRemark(used) }],
    target: {
      name: port,
      type: goal.kind === 'class' ? `class(${goal.names.length})` : '[1]',
      remark: goal.kind === 'class' ? someOf(goal.names) : 'a number',
    },
    net: denseNet(goal.kind === 'class' ? goal.names.length : 1, rows),
    loss: goal.kind === 'class' ? 'CrossEntropy' : 'MSE',
    metrics: goal.kind === 'class' ? 'accuracy' : 'r2, mean_absolute_error',
    data: {
      remarks: [
        ...(texts.length > 0
          ? [
              'A text is as many numbers as its column has texts: the one at its place is 1, the others are 0.',
            ]
          : []),
        ...(aside ? ['A fifth of the rows is kept for the test.'] : []),
      ],
      text: dataText(table, { target, goal, used, all, file, aside }),
    },
    train: trainingOf({ examples: rows, trained: Math.floor(rows * (aside ? 0.72 : 1)) }, 2000, false),
    assumed,
  };
}

function dataText(
  table: Table,
  { target, goal, used, all, file, aside }: Omit<Chosen, 'rows' | 'assumed'> & { readonly aside: boolean },
): string {
  const { csv } = table;
  const nameOf = ({ index, name }: Column) => (csv?.header === false ? String(index + 1) : quoted(name));
  const listOf = (columns: readonly Column[]) => `[${columns.map(nameOf).join(', ')}]`;
  const categorical = [
    ...(table.source === 'csv' ? used.filter((column) => column.texts) : []),
    ...(goal.kind === 'class' && goal.asTexts ? [target] : []),
  ];
  const missing =
    target.missing > 0 ? 'drop' : used.some((column) => column.missing > 0) ? 'mean' : undefined;
  const options = [
    quoted(file),
    `target = ${nameOf(target)}`,
    ...(all ? [] : [`features = ${listOf(used)}`]),
    ...(categorical.length > 0 ? [`categorical = ${listOf(categorical)}`] : []),
    ...(csv ? dialectOptions(csv) : []),
    ...(missing === undefined ? [] : [`missing = ${missing}`]),
    ...(aside ? ['test = 0.2'] : []),
    'normalize = true',
  ];
  return `${table.source}(${options.join(', ')})`;
}

function columnsRemark(used: readonly Column[]): string {
  return someOf(used.map(({ name, texts }) => (texts ? `${name} as ${texts.length}` : name)));
}

async function readTable(found: FoundPath, source: Table['source']): Promise<Table> {
  let csv: CsvForm | undefined;
  let reader: TableReader;
  if (source === 'csv') {
    const file = await readCsvFile(found);
    csv = guessDialect(file.text);
    reader = openCsv(file, csv);
  } else reader = await openParquet(found);
  const wanted: { column: number; as: 'text' | 'number' }[] = [];
  for (const column of reader.names.keys())
    wanted.push({ column, as: (await reader.hasText(column)) ? 'text' : 'number' });
  const { count, columns } = await reader.read(wanted);
  reader.throwFaults();
  return {
    ...{ path: found.shown, source, rows: count, reader },
    ...(csv && { csv }),
    columns: columns.map(({ values, texts }, index) => ({
      index,
      name: reader.names[index] ?? '',
      values,
      ...(texts && { texts: [...texts].sort() }),
      missing: values.filter(Number.isNaN).length,
      distinct: texts?.length ?? new Set(values.filter((value) => !Number.isNaN(value))).size,
    })),
  };
}

function dialectRemarks({ csv }: Table): string[] {
  if (!csv) return [];
  return [
    ...(csv.header ? [] : ['the first row is data, and columns are called by their number']),
    ...(csv.separator === ','
      ? []
      : [`cells are separated by ${csv.separator === '\t' ? 'a tab' : csv.separator}`]),
    ...(csv.decimal ? ['numbers have a decimal comma'] : []),
    ...(csv.missingMarks ? [`${csv.missingMarks.join(', ')} stand for missing cells`] : []),
  ];
}

/** What a target is often called. */
const targetNames = /^(?:target|label|class|species|outcome|y)$/i;

async function chooseTarget(
  { reader, columns }: Table,
  wish: string | undefined,
  ask: Ask | undefined,
  assumed: string[],
): Promise<Column> {
  const usual = columns.filter(({ name }) => targetNames.test(name));
  const guess = usual.length === 1 ? usual[0] : columns.at(-1);
  const names = columns.map(({ name }) => name);
  const answer =
    wish ?? (await ask?.(`Which column is to be predicted: ${someOf(names, 20)}?`, guess?.name ?? ''));
  // a name goes before a number
  const isNumber = answer !== undefined && /^\d+$/.test(answer) && !names.includes(answer);
  const index = answer === undefined ? guess?.index : findColumn(reader, isNumber ? Number(answer) : answer);
  const found = index === undefined ? undefined : columns[index];
  if (!found) throw new Error('a table has a column');
  if (answer === undefined) assumed.push(`${found.name} is to be predicted (--target names another column)`);
  return found;
}

type Goal =
  | { readonly kind: 'number' }
  | {
      readonly kind: 'class';
      /** In the order of their numbers. */
      readonly names: readonly string[];
      /** Whether numbers are read as texts, because they do not count from 0. */
      readonly asTexts: boolean;
    };

/** Whole numbers are classes where there are so few of them, and each of so many examples. */
const mostNumberClasses = 10;
const leastOfClass = 5;

function goalOf(table: Table, target: Column, assumed: string[]): Goal {
  const { name, values, texts, distinct, missing } = target;
  const known = table.rows - missing;
  const refuse = (reason: string): never =>
    fail('init.data', undefined, {
      path: table.path,
      reason: `${name} ${reason}`,
      help: 'Name another column with --target.',
    });
  if (distinct === 0) refuse('is empty');
  if (distinct === 1) refuse('has the same value in every row, and there is nothing to predict');
  if (texts) {
    if (isNameLike(target, table.rows))
      refuse(`has ${distinct} different texts in ${known} rows, too many for classes`);
    return { kind: 'class', names: texts, asTexts: false };
  }
  const present = [...new Set(values.filter((value) => !Number.isNaN(value)))].sort((a, b) => a - b);
  const isClass =
    present.every((value) => Number.isInteger(value)) &&
    distinct <= mostNumberClasses &&
    known >= leastOfClass * distinct;
  if (!isClass) return { kind: 'number' };
  const counts = present.every((value, i) => value === i);
  // in Parquet, numbers cannot be read as texts
  if (!counts && table.source === 'parquet') return { kind: 'number' };
  assumed.push(`the ${distinct} different numbers of ${name} are classes, and not amounts`);
  const names = present.map(String);
  return { kind: 'class', names: counts ? names : names.sort(), asTexts: !counts };
}

/** Texts that tell rows apart, as names do, more than they group them. */
function isNameLike({ distinct, missing }: Column, rows: number): boolean {
  return distinct > 100 || (distinct > 20 && distinct > (rows - missing) / 2);
}

/** Why a column is not learned from; undefined if it is. */
function uselessness(column: Column, rows: number): string | undefined {
  const { values, texts, distinct, missing } = column;
  if (missing === rows) return 'it is empty';
  if (distinct === 1 && missing === 0) return 'it has the same value in every row';
  if (texts) {
    if (texts.every(isDate)) return 'dates are not read';
    if (isNameLike(column, rows)) return `it has ${distinct} different texts`;
    return rows - missing === distinct && rows >= least ? 'each of its texts stands once' : undefined;
  }
  const first = values[0] ?? NaN;
  return rows >= least && values.every((value, i) => value === first + i) ? 'it counts the rows' : undefined;
}

function completeRows(columns: readonly Column[], rows: number): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if (columns.every(({ values }) => !Number.isNaN(values[row]))) count++;
  return count;
}
