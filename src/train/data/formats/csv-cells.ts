// The cells of a CSV file: what counts as missing, how a number is written, and, of a text that is no number, what it probably is.
import { parseDate } from '../../../runtime/preparation/dates.ts';
import { decimal } from '../../../runtime/preparation/rows.ts';
import type { CsvForm } from './csv-rows.ts';

/** Whether a cell, trimmed, counts as missing. */
export function missingTest({ missingMarks }: Pick<CsvForm, 'missingMarks'>): (cell: string) => boolean {
  const marks = new Set(['', ...(missingMarks ?? [])]);
  return (cell) => marks.has(cell);
}

export const commaDecimal = /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a cell, trimmed, is written as a number. */
export function isNumeric(cell: string, form: Pick<CsvForm, 'decimal'>): boolean {
  return (form.decimal === ',' ? commaDecimal : decimal).test(cell);
}

/** A cell that is a number, with a decimal point. */
export function plainNumber(cell: string, form: Pick<CsvForm, 'decimal'>): string {
  return form.decimal === ',' ? cell.replace(',', '.') : cell;
}

/** Undefined if the cell is no number, or none that float32 can hold. */
export function numberOf(cell: string, form: Pick<CsvForm, 'decimal'>): number | undefined {
  const value = isNumeric(cell, form) ? Number(plainNumber(cell, form)) : NaN;
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

/** Texts that people write where a value is missing. */
const marks = /^(?:#?n\/?a|#n\/a|nan|null|nil|none|missing|unknown|undefined|\?+|-+|–|—|\.+|\*)$/i;

export function isMissingMark(cell: string): boolean {
  return marks.test(cell);
}

const months =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const dates = [
  /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?$/,
  /^\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}|\d{4})(?: .*)?$/,
  /^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?$/i,
  new RegExp(`^(?:\\d{1,2}[ .-]+)?(?:${months})[ .,-]+\\d{1,4}(?:[ .,-]+.*)?$`, 'i'),
];

/** Whether a text is a date or a time of day. */
export function isDate(cell: string): boolean {
  return dates.some((date) => date.test(cell));
}

const currency = '(?:[$€£¥₹]|USD|EUR|GBP|CHF|JPY|INR)';
const thousandsOfPoint = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const thousandsOfComma = /^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$/;
const thousandsOfSpace = /^[+-]?\d{1,3}(?:[ '’_\u00a0\u202f]\d{3})+(?:[.,]\d+)?$/;

/** Whether a comma in a number may separate thousands: `1,234` and `1,234.5`. */
export function mayBeThousands(cell: string): boolean {
  return thousandsOfPoint.test(cell);
}

interface Kind {
  readonly test: RegExp | ((cell: string) => boolean);
  /** What it is, and the mend. */
  explain(cell: string, column: string, form: CsvForm): string;
}

/** A number with letters behind it. */
const unit = /^([+-]?\d+(?:\.\d+)?)\s*(?!e$)[a-z°µ]+$/i;

const kinds: readonly Kind[] = [
  {
    test: isMissingMark,
    explain: (cell) =>
      `which is no number; \`missing_marks = [${JSON.stringify(cell)}]\` takes it for an empty cell, and \`missing = mean\` fills those`,
  },
  {
    test: (cell) => parseDate(cell) !== undefined,
    explain: (_, column) =>
      `which is a date, and no number; \`dates = [${JSON.stringify(column)}]\` would take dates`,
  },
  {
    test: isDate,
    explain: () =>
      'which is a date or a time, and no number; write its parts, or the days since some day, as numbers, or leave the column out of `features`',
  },
  {
    test: /^[+-]?[\d.,]+\s*%$/,
    explain: (cell) =>
      `which is a percentage, and no number; write ${cell.replace(/\s*%$/, '')} without the sign`,
  },
  {
    test: new RegExp(`^[+-]?\\s*${currency}\\s*[\\d.,' ]+$|^[+-]?[\\d.,' ]+\\s*${currency}$`, 'i'),
    explain: () =>
      'which is an amount with its currency, and no number; write the number alone, without separators of thousands',
  },
  {
    test: decimal,
    explain: (cell, _, form) =>
      form.decimal === ',' && cell.includes('.')
        ? 'which has a decimal point, where `decimal = ","` says that numbers have a decimal comma'
        : 'which is no number float32 can hold',
  },
  {
    test: (cell) => thousandsOfPoint.test(cell) && !/^[+-]?\d+,\d+$/.test(cell),
    explain: (cell) => `which has separators of thousands; write ${cell.replaceAll(',', '')}`,
  },
  {
    test: (cell) => thousandsOfComma.test(cell),
    explain: (cell) =>
      `which has separators of thousands; write ${cell.replaceAll('.', '')} and \`decimal = ","\``,
  },
  {
    test: thousandsOfSpace,
    explain: (cell) => `which has separators of thousands; write ${cell.replace(/[ '’_\u00a0\u202f]/g, '')}`,
  },
  {
    test: commaDecimal,
    explain: (cell, _, form) =>
      form.decimal === ','
        ? 'which is no number float32 can hold'
        : `which has a decimal comma; \`decimal = ","\` reads it${mayBeThousands(cell) ? `; if its comma separates thousands, write ${cell.replaceAll(',', '')}` : ''}`,
  },
  {
    test: /^[+-]?[\d.,]+(?:[;|\t][+-]?[\d.,]*)+$/,
    explain: (cell) => {
      const separator = /[;|\t]/.exec(cell)?.[0] ?? ';';
      return `which is several numbers; \`separator = ${JSON.stringify(separator)}\` divides them`;
    },
  },
  {
    test: unit,
    explain: (cell) => `which is no number; without its unit it is \`${unit.exec(cell)?.[1] ?? ''}\``,
  },
  { test: /^[+-]?inf(?:inity)?$/i, explain: () => 'which is not finite; no finite number stands for it' },
];

/** What texts of a column that the same words explain have in common. */
export function kindOfText(cell: string, column: string): string {
  const found = kinds.findIndex((kind) => matches(kind, cell));
  return JSON.stringify([column, found, isMissingMark(cell) ? cell : '']);
}

function matches({ test }: Kind, cell: string): boolean {
  return test instanceof RegExp ? test.test(cell) : test(cell);
}

/** For a cell, trimmed, in a column of numbers: `which is no number`, and the mend. */
export function explainText(cell: string, column: string, form: CsvForm): string {
  const found = kinds.find((kind) => matches(kind, cell));
  return (
    found?.explain(cell, column, form) ??
    `which is no number; \`categorical = [${JSON.stringify(column)}]\` would take texts`
  );
}
