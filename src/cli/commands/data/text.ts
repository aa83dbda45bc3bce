// Prints an inspection of data: a table of fields for each part, and counts per class.
import { printable } from '../../../diagnostics/printable.ts';
import { showShape } from '../../../runtime/tensor.ts';
import { showDate } from '../../../runtime/preparation/dates.ts';
import { dialectOptions } from '../../../train/data/formats/csv-dialect.ts';
import type {
  FieldFacts,
  Inspection,
  PartFacts,
  Range,
  ValueCount,
} from '../../../train/data/inspect/facts.ts';
import { showCount, showMany, showNumber } from '../../../train/progress/text.ts';
import { showTable } from '../../table.ts';

export function showInspection({ format, path, parts, csv }: Inspection): string {
  const options = csv ? dialectOptions(csv) : [];
  const read = options.length > 0 ? `, read with ${printable(options.join(', '))}` : '';
  return [`${format} ${printable(path)}${read}`, ...parts.map((part) => showPart(part))].join('\n\n');
}

function showPart({ name, examples, fields }: PartFacts): string {
  const title = name === 'all' ? '' : `${name}: `;
  const table = showTable(
    ['field', 'kind', 'shape', 'missing', 'least', 'most', 'mean', 'deviation', 'different'],
    fields.map((field) => rowOf(field)),
    [3, 4, 5, 6, 7, 8],
  );
  const counts = fields.flatMap((field) => [
    ...showSteps(field),
    ...(field.sizes ? [showCounts(`sizes of ${field.name}`, field.sizes, examples, field.sizes.length)] : []),
    ...(field.values ? [showCounts(field.name, field.values, examples, field.distinct ?? 0)] : []),
  ]);
  return [`${title}${showMany(examples, 'example')}`, table, ...counts].join('\n\n');
}

function rowOf({ name, kind, shape, missing, range, distinct }: FieldFacts): string[] {
  return [
    printable(name),
    kind,
    shape.length === 0 ? '' : showShape(shape),
    missing === 0 ? '' : showCount(missing),
    ...(range ? showRange(kind, range) : ['', '', '', '']),
    distinct === undefined ? '' : showCount(distinct),
  ];
}

/** Dates have no mean that says anything. */
function showRange(kind: FieldFacts['kind'], { min, max, mean, deviation }: Range): string[] {
  if (kind === 'date') return [showDate(min), showDate(max), '', ''];
  return [min, max, mean, deviation].map(showShort);
}

/** `steps of date: 1 h at least, 1 h in the middle, 3 d at most` */
function showSteps({ name, steps }: FieldFacts): string[] {
  if (!steps) return [];
  const { least, median, most } = steps;
  return [
    `steps of ${printable(name)}: ${showSpan(least)} at least, ${showSpan(median)} in the middle, ${showSpan(most)} at most`,
  ];
}

/** `1 d`, `15 min` */
function showSpan(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const;
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Number((seconds / size).toPrecision(4))} ${unit}`;
}

function showShort(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : showNumber(value);
}

const barWidth = 30;

/** Bars that show at a glance how balanced the classes are. */
function showCounts(name: string, values: readonly ValueCount[], examples: number, distinct: number): string {
  const most = Math.max(1, ...values.map(({ count }) => count));
  const shown = values
    .slice(0, 40)
    .map(({ value, count }) => [
      printable(value).slice(0, 40),
      showCount(count),
      `${((100 * count) / Math.max(1, examples)).toFixed(1)} %`,
      '█'.repeat(Math.round((barWidth * count) / most)),
    ]);
  const left = distinct - shown.length;
  const rest = left > 0 ? `\n… and ${showCount(left)} more` : '';
  return `${showTable([printable(name), 'count', 'share', ''], shown, [1, 2])}${rest}`;
}
