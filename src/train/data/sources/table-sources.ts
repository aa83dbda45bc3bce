// Tables named in the `.nn` file: CSV and Parquet.
import { fail } from '../../../diagnostics/diagnostic.ts';
import {
  categories,
  character,
  columnNames,
  decimalMark,
  fileOrShare,
  flag,
  normalizing,
  missingCells,
  optional,
  text,
  texts,
  withDefault,
  type Arguments,
} from './arguments.ts';
import { openCsv, readCsvFile, type CsvFile } from '../formats/csv.ts';
import { dialectOptions, otherDialect } from '../formats/csv-dialect.ts';
import type { CsvForm } from '../formats/csv-rows.ts';
import { openParquet } from '../formats/parquet.ts';
import { findData } from './paths.ts';
import type { RawData, SourceContext } from '../prepare/raw-data.ts';
import { defineSource } from './source.ts';
import { readTablePart } from '../tables/part.ts';
import { planTable } from '../tables/plan.ts';
import type { TableOptions, TableReader } from '../tables/table.ts';
import { timeOrder } from '../tables/time-order.ts';
import { dates, orderParameters, seriesOptions, windowParameters } from '../series/options.ts';

const tableParameters = {
  file: text,
  target: optional(columnNames),
  features: optional(columnNames),
  categorical: categories,
  dates,
  missing: missingCells,
  test: optional(fileOrShare),
  normalize: normalizing,
  ...windowParameters,
  ...orderParameters,
};

/** `csv("file.csv", target = "species", categorical = [color], missing = mean, test = "test.csv" or 0.2)` */
export const csv = defineSource({
  name: 'csv',
  parameters: {
    ...tableParameters,
    header: withDefault(flag, true),
    separator: withDefault(character, ','),
    missing_marks: optional(texts),
    decimal: withDefault(decimalMark, '.'),
  },
  async load({ header, separator, missing_marks, decimal, ...given }, context) {
    const form: CsvForm = {
      header,
      separator,
      ...(missing_marks && { missingMarks: missing_marks }),
      ...(decimal === ',' && { decimal }),
    };
    const data = await loadTable('csv', given, context, async (path, names) => {
      const file = await readCsvFile(await findData(path, context.roots));
      checkSeparator(file, form);
      return openCsv(file, form, names);
    });
    return { ...data, csv: form };
  },
});

/** A table of one column has no feature beside its target: is it one because of another separator? */
function checkSeparator({ text, path }: CsvFile, form: CsvForm): void {
  const meant = otherDialect(text, form.separator);
  if (!meant) return;
  const { separator, decimal } = meant;
  const mend = dialectOptions({ separator, header: true, ...(decimal && { decimal }) }).join(', ');
  const reason = `its cells are separated by ${nameOf(separator)}, not by ${nameOf(form.separator)}; write ${mend ? `\`${mend}\`` : 'no `separator`'}`;
  fail('data.malformed', undefined, { path, format: 'CSV', reason });
}

const nameOf = (separator: string) => (separator === '\t' ? 'a tab' : `\`${separator}\``);

/** `parquet("file.parquet", target = "species", …)`, with the options of csv but for those of its text. */
export const parquet = defineSource({
  name: 'parquet',
  parameters: tableParameters,
  load: (given, context) =>
    loadTable('parquet', given, context, async (path, names) => {
      const reader = await openParquet(await findData(path, context.roots));
      const differs = names?.findIndex((name, i) => name !== reader.names[i]) ?? -1;
      if (names && (differs >= 0 || names.length !== reader.names.length)) {
        const reason = `its columns are ${reader.names.join(', ')}, and the training file's ${names.join(', ')}`;
        fail('data.malformed', undefined, { path: reader.path, format: reader.format, reason });
      }
      return reader;
    }),
});

async function loadTable(
  source: string,
  given: Arguments<typeof tableParameters>,
  context: SourceContext,
  /** @param names of the training file's columns */
  open: (path: string, names?: readonly string[]) => Promise<TableReader>,
): Promise<RawData> {
  const { file, target, features, categorical, missing, test, time, group } = given;
  if (target === undefined && context.targets.length > 0) {
    const names = context.targets.map((port) => port.name);
    const written =
      names.length === 1 ? `"${names.join('')}"` : `[${names.map((name) => `"${name}"`).join(', ')}]`;
    const expected = `the columns of the model's target ${names.join(', ')}, such as \`target = ${written}\``;
    fail('data.argument-missing', undefined, { source, name: 'target', expected });
  }
  const reader = await open(file);
  const series = seriesOptions(source, given);
  const options: TableOptions = {
    target: target ?? [],
    ...(features && { features }),
    categorical,
    dates: given.dates,
    missing,
    ...(series && { series }),
    ...(time !== undefined && { time }),
    ...(group !== undefined && { group }),
  };
  const plan = await planTable(source, reader, options, context);
  const { fields, part, vocabularies } = await readTablePart(reader, plan, context);
  const other =
    typeof test === 'string'
      ? (await readTablePart(await open(test, reader.names), plan, context, vocabularies)).part
      : test;
  // a series is divided in time, or by groups, on purpose
  const inOrder = series ? undefined : await timeOrder(reader);
  const labeled = fields.filter(({ role, labels }) => role === 'target' && labels);
  const [only] = labeled;
  return {
    fields,
    train: part,
    ...(other !== undefined && { test: other }),
    ...(inOrder !== undefined && { timeOrder: inOrder }),
    ...(plan.series && { series: plan.series }),
    ...(only?.labels && labeled.length === 1 && { classes: only.labels }),
    columnNames: reader.names,
    origin: reader.path,
  };
}
