// How a CSV file is probably written: what separates its cells, whether numbers have a decimal comma, whether its first row has names, and
// which texts stand for missing cells. A source reads by what its `.nn` file says; `nnc data inspect` and `nnc init` read by this, and where
// a source fails, this finds the mend.
import { commaDecimal, isMissingMark, isNumeric, mayBeThousands } from './csv-cells.ts';
import { CsvError, csvRows, type CsvForm } from './csv-rows.ts';
import { decimal } from '../../../runtime/preparation/rows.ts';

const separators = [',', ';', '\t', '|'];
/** The start of a file that its separator is guessed from. */
const sampleLength = 65_536;

/** @param known what the user has said */
export function guessDialect(text: string, known: Partial<CsvForm> = {}): CsvForm {
  const separator = known.separator ?? separatorOf(text);
  const rows = rowsOf(text, separator);
  const comma = known.decimal ?? decimalOf(rows, separator);
  const form = { separator, header: true, ...(comma && { decimal: comma }) };
  const header = known.header ?? hasHeader(rows, form);
  const found = known.missingMarks ?? marksOf(header ? rows.slice(1) : rows, form);
  return { ...form, header, ...(found.length > 0 && { missingMarks: found }) };
}

/** How a file is written that `separator` does not divide, or where it breaks the format; undefined where it may be right. */
export function otherDialect(text: string, separator: string): CsvForm | undefined {
  const width = (by: string) => rowsOf(startOf(text), by)[0]?.length ?? 0;
  if (width(separator) > 1) return undefined;
  const found = guessDialect(text);
  return found.separator !== separator && width(found.separator) > 1 ? found : undefined;
}

/** The options of a `csv(…)` that say so, where they are not the defaults: `separator = ";", decimal = ","`. */
export function dialectOptions({
  separator,
  header,
  missingMarks,
  decimal: mark,
}: CsvForm): readonly string[] {
  return [
    ...(header ? [] : ['header = false']),
    ...(separator === ',' ? [] : [`separator = ${separator === '\t' ? '"\\t"' : JSON.stringify(separator)}`]),
    ...(mark ? [`decimal = ${JSON.stringify(mark)}`] : []),
    ...(missingMarks?.length
      ? [`missing_marks = [${missingMarks.map((text) => JSON.stringify(text)).join(', ')}]`]
      : []),
  ];
}

/** The rows up to one that breaks the format. */
function rowsOf(text: string, separator: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  try {
    for (const { cells } of csvRows(text, separator)) rows.push(cells.map((cell) => cell.trim()));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return rows;
}

/** Whole lines, if they are not too long. */
function startOf(text: string): string {
  const end = text.lastIndexOf('\n', sampleLength);
  return text.length <= sampleLength || end < 0 ? text.slice(0, sampleLength) : text.slice(0, end);
}

/** The separator that divides most rows into equally many cells, several, which hold none of the others. */
function separatorOf(text: string): string {
  const sample = startOf(text);
  const scores = separators.map((separator) => {
    const rows = rowsOf(sample, separator);
    const width = rows[0]?.length ?? 0;
    const others = separators.filter((other) => other !== separator && other !== ',');
    const cells = rows.flat();
    const clean = cells.filter((cell) => !others.some((other) => cell.includes(other))).length;
    const even = rows.filter((row) => row.length === width).length;
    const score = width < 2 ? 0 : (even / rows.length) * (clean / cells.length);
    return { separator, score, width };
  });
  return scores.reduce((best, next) =>
    next.score > best.score + 1e-9 || (next.score > best.score - 1e-9 && next.width > best.width)
      ? next
      : best,
  ).separator;
}

/**
 * A comma where numbers have commas and none has a point; but between commas, quoted numbers that may be thousands (`"1,234"`) are texts.
 */
function decimalOf(rows: readonly (readonly string[])[], separator: string): ',' | undefined {
  let commas = 0;
  let thousands = 0;
  for (const cell of rows.flat()) {
    if (decimal.test(cell) && cell.includes('.')) return undefined;
    if (!cell.includes(',') || !commaDecimal.test(cell)) continue;
    commas++;
    if (mayBeThousands(cell)) thousands++;
  }
  return commas > (separator === ',' ? thousands : 0) ? ',' : undefined;
}

/** No header where the first row has a number in every column whose other cells are numbers, or has a name twice. */
function hasHeader(rows: readonly (readonly string[])[], form: CsvForm): boolean {
  const [first = [], ...rest] = rows;
  if (rest.length === 0) return !first.some((cell) => isNumeric(cell, form));
  const numeric = first
    .map((_, i) => i)
    .filter((i) => {
      const cells = rest.map((row) => row[i] ?? '').filter((cell) => cell !== '' && !isMissingMark(cell));
      return cells.length > 0 && cells.every((cell) => isNumeric(cell, form));
    });
  const isNumberOrEmpty = (i: number) => {
    const cell = first[i] ?? '';
    return isNumeric(cell, form) || cell === '' || isMissingMark(cell);
  };
  if (numeric.some((i) => isNumeric(first[i] ?? '', form)) && numeric.every(isNumberOrEmpty)) return false;
  return new Set(first).size === first.length;
}

/** The marks in columns whose other cells are numbers. */
function marksOf(rows: readonly (readonly string[])[], form: CsvForm): readonly string[] {
  const found = new Set<string>();
  const width = Math.max(0, ...rows.slice(0, 1).map((row) => row.length));
  for (let column = 0; column < width; column++) {
    const own = new Set<string>();
    let numbers = 0;
    const others = rows.some((row) => {
      const cell = row[column] ?? '';
      if (cell === '') return false;
      if (isNumeric(cell, form)) numbers++;
      else if (isMissingMark(cell)) own.add(cell);
      else return true;
      return false;
    });
    if (!others && numbers > 0) for (const mark of own) found.add(mark);
  }
  return [...found].sort();
}
