// Parses the arguments of a `data` line, `mnist(normalize = true)`, by the source's parameters: every argument must be known, unique and
// of its type, and no required one may be missing.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import type { DataSetting, Json } from '../../../runtime/specification.ts';
import type { Augmentation } from '../dataset.ts';
import type { CategoryOption, ColumnName, Missing } from '../tables/table.ts';

export interface Parameter<T> {
  /** The accepted values, for people: `true or false`. */
  readonly expected: string;
  /** The value, or undefined if the JSON is of another type. */
  parse(value: Json): T | undefined;
  /** Makes the default; a parameter without it is required. */
  readonly absent?: () => T;
}

export type Parameters = { readonly [name: string]: Parameter<unknown> };
export type Arguments<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

export const flag: Parameter<boolean> = {
  expected: 'true or false',
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
  absent: () => false,
};

/** What is normalized by the training part's statistics. */
export interface Normalizing {
  readonly inputs: boolean;
  /** The loss's targets, where the model can: see src/elaborate/objectives/target-scale.ts. */
  readonly targets: boolean;
}

export const normalizing: Parameter<Normalizing> & { readonly absent: () => Normalizing } = {
  expected: 'true, false or inputs',
  parse(value) {
    if (value === 'inputs') return { inputs: true, targets: false };
    return typeof value === 'boolean' ? { inputs: value, targets: value } : undefined;
  },
  absent: () => ({ inputs: false, targets: false }),
};

export const text: Parameter<string> = {
  expected: 'a text in quotes',
  parse: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
};

/** One text or a list of them. */
export const texts: Parameter<readonly string[]> = {
  expected: 'a text in quotes, or a list of them',
  parse: (value) => parseAll(Array.isArray(value) ? value : [value], text),
};

export const columnName: Parameter<ColumnName> = {
  expected: "a column's name or its number from 1",
  parse: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 ? value : text.parse(value),
};

/** One column or a list of them. */
export const columnNames: Parameter<readonly ColumnName[]> = {
  expected: `${columnName.expected}, or a list of them`,
  parse: (value) => parseAll(Array.isArray(value) ? value : [value], columnName),
};

export const positiveInteger: Parameter<number> = {
  expected: 'a whole number from 1',
  parse: (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined,
};

/** One of a few words. */
export function choiceOf<const T extends string>(...words: readonly T[]): Parameter<T> {
  return {
    expected: `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`,
    parse: (value) => words.find((word) => word === value),
  };
}

/** The share of the examples, between 0 and 1, to hold out. */
export const share: Parameter<number> = {
  expected: 'a share between 0 and 1',
  parse: (value) => (typeof value === 'number' && value > 0 && value < 1 ? value : undefined),
};

/** A second file, or the share of the examples, between 0 and 1, to hold out. */
export const fileOrShare: Parameter<string | number> = {
  expected: 'a file in quotes, or a share between 0 and 1',
  parse: (value) => share.parse(value) ?? text.parse(value),
};

/** `[sex, color("red", "green")]`: columns of texts, with their vocabularies if stated. */
export const categories: Parameter<readonly CategoryOption[]> = {
  expected: 'a list of columns, each by name or number, or with its texts: color("red", "green")',
  parse: (value) => parseAll(Array.isArray(value) ? value : [value], category),
  absent: () => [],
};

const category: Parameter<CategoryOption> = {
  expected: 'a column, or a column and its texts',
  parse(value) {
    const found = columnWithOptions.parse(value);
    if (found?.options.length === 0) return { column: found.column };
    const vocabulary = found && parseAll(found.options, text)?.map((each) => each.trim());
    return found && vocabulary && new Set(vocabulary).size === vocabulary.length
      ? { column: found.column, vocabulary }
      : undefined;
  },
};

interface ColumnWithOptions {
  readonly column: ColumnName;
  readonly options: readonly Json[];
}

/** `size("S", "M")`: a column and what is said of it. */
const columnWithOptions: Parameter<ColumnWithOptions> = {
  expected: 'a column, or a column with options in parentheses',
  parse(value) {
    if (typeof value === 'number' || typeof value === 'string') {
      const column = columnName.parse(value);
      return column === undefined ? undefined : { column, options: [] };
    }
    const { name, positional = [], named } = parseCall(value) ?? {};
    if (name === undefined || named?.size !== 0 || positional.length === 0) return undefined;
    return { column: name, options: positional };
  },
};

/** One column or a list of them, each with options. */
export function columnsWithOptions(value: Json): readonly ColumnWithOptions[] | undefined {
  return parseAll(Array.isArray(value) ? value : [value], columnWithOptions);
}

/** How missing cells of a table are handled. */
export const missingCells: Parameter<Missing> = {
  expected: 'mean, drop, error, a number or a text in quotes',
  parse(value) {
    if (value === 'mean' || value === 'drop' || value === 'error') return { kind: value };
    if (typeof value === 'number' && Number.isFinite(Math.fround(value))) return { kind: 'value', value };
    const found = text.parse(value);
    return found === undefined ? undefined : { kind: 'value', value: found.trim() };
  },
  absent: () => ({ kind: 'error' }),
};

/** One character. */
export const character: Parameter<string> = {
  expected: 'one character in quotes, neither a quote nor a line break',
  parse: (value) => (typeof value === 'string' && /^[^"\r\n]$/.test(value) ? value : undefined),
};

/** What divides a number's whole part from the rest. */
export const decimalMark: Parameter<'.' | ','> = {
  expected: '"." or ","',
  parse: (value) => (value === '.' || value === ',' ? value : undefined),
};

/** `[flip, crop(4)]`: a word is its text, a call an object with name, positional and named arguments. */
export const augmentations: Parameter<readonly Augmentation[]> = {
  expected: 'a list of flip, crop(1 to 64), cutout(1 to 256), noise(0 to 1) and brightness(0 to 1)',
  parse: (value) => (Array.isArray(value) ? parseAll(value, augmentation) : undefined),
  absent: () => [],
};

const augmentation: Parameter<Augmentation> = {
  expected: 'one of flip, crop(PIXELS), cutout(PIXELS), noise(DEVIATION) and brightness(AMOUNT)',
  parse(value) {
    const { name, positional, named } = parseCall(value) ?? {};
    if (name === 'flip') return positional?.length === 0 && named?.size === 0 ? { kind: 'flip' } : undefined;
    const only = (argument: string, holds: (value: number) => boolean): number | undefined => {
      const given = [...(positional ?? []), ...(named?.has(argument) ? [named.get(argument)] : [])];
      const [found] = given;
      const single = given.length === 1 && (positional?.length ?? 0) + (named?.size ?? 0) === 1;
      return single && typeof found === 'number' && holds(found) ? found : undefined;
    };
    const pixels = (most: number) => (number: number) =>
      Number.isInteger(number) && number >= 1 && number <= most;
    const share = (number: number) => number > 0 && number <= 1;
    switch (name) {
      case 'crop': {
        const pad = only('pad', pixels(64));
        return pad === undefined ? undefined : { kind: 'crop', pad };
      }
      case 'cutout': {
        const size = only('size', pixels(256));
        return size === undefined ? undefined : { kind: 'cutout', size };
      }
      case 'noise': {
        const deviation = only('deviation', share);
        return deviation === undefined ? undefined : { kind: 'noise', deviation };
      }
      case 'brightness': {
        const amount = only('amount', share);
        return amount === undefined ? undefined : { kind: 'brightness', amount };
      }
      default:
        return undefined;
    }
  },
};

interface Call {
  readonly name: string;
  readonly positional: readonly Json[];
  readonly named: ReadonlyMap<string, Json>;
}

/** A word is a call without arguments. */
function parseCall(value: Json): Call | undefined {
  if (typeof value === 'string') return { name: value, positional: [], named: new Map() };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { name, positional, named } = value as { readonly [name: string]: Json };
  if (typeof name !== 'string') return undefined;
  return {
    name,
    positional: Array.isArray(positional) ? positional : [],
    named: new Map(Object.entries(named ?? {})),
  };
}

/** The parameter made optional. */
export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> {
  return { ...parameter, absent: () => undefined };
}

/** The parameter with a default. */
export function withDefault<T>(parameter: Parameter<T>, value: T): Parameter<T> {
  return { ...parameter, absent: () => value };
}

/** @throws DiagnosticError */
export function readArguments<P extends Parameters>(setting: DataSetting, parameters: P): Arguments<P> {
  const source = setting.name;
  const names = Object.keys(parameters);
  const given = new Map<string, Json>();
  setting.positional.forEach((value, i) => {
    const name = names[i];
    if (name === undefined) {
      const help = names.length === 0 ? 'It takes none.' : `It takes ${names.join(', ')}.`;
      fail('data.argument-unknown', undefined, { source, name: `number ${i + 1}`, help });
    }
    given.set(name, value);
  });
  for (const [name, value] of Object.entries(setting.named)) {
    if (!Object.hasOwn(parameters, name)) {
      const meant = foreignArgument(name, names) ?? suggest(name, names);
      const help = meant === undefined ? `It takes ${names.join(', ')}.` : `Did you mean \`${meant}\`?`;
      fail('data.argument-unknown', undefined, { source, name, help });
    }
    if (given.has(name)) {
      fail('data.argument', undefined, { source, name, expected: 'one value', found: 'two' });
    }
    given.set(name, value);
  }
  const values = Object.entries(parameters).map(([name, parameter]) => {
    const value = given.get(name);
    if (value === undefined || value === null) {
      if (parameter.absent) return [name, parameter.absent()];
      return fail('data.argument-missing', undefined, { source, name, expected: parameter.expected });
    }
    const parsed = parameter.parse(value);
    if (parsed !== undefined) return [name, parsed];
    const found = JSON.stringify(value);
    const mended = meantValue(name, value, parameter);
    if (mended !== undefined)
      return fail('data.argument-meant', undefined, {
        source,
        name,
        expected: parameter.expected,
        found,
        mended,
      });
    return fail('data.argument', undefined, { source, name, expected: parameter.expected, found });
  });
  return Object.fromEntries(values) as Arguments<P>;
}

/** What other libraries call an argument. */
const foreignArguments: readonly (readonly [string, readonly string[]])[] = [
  ['target', ['label', 'labels', 'y', 'target_column', 'label_column', 'class', 'output', 'targets']],
  ['features', ['columns', 'inputs', 'x', 'feature_columns', 'usecols']],
  ['separator', ['sep', 'delimiter']],
  ['missing_marks', ['na_values', 'null_values', 'nan', 'na']],
  ['missing', ['fillna', 'impute', 'fill']],
  ['test', ['test_size', 'test_split', 'split', 'holdout']],
  ['normalize', ['standardize', 'scale', 'normalise', 'scaling']],
  ['categorical', ['category', 'categories', 'cat_features', 'onehot', 'one_hot']],
  ['augment', ['augmentation', 'transforms', 'transform', 'augmentations']],
  ['file', ['path', 'filename', 'filepath']],
  ['folder', ['root', 'dir', 'directory', 'path']],
];

function foreignArgument(name: string, known: readonly string[]): string | undefined {
  return foreignArguments.find(([meant, foreign]) => known.includes(meant) && foreign.includes(name))?.[0];
}

/** The value that was probably meant: a truth in quotes, a share in per cent. */
function meantValue(name: string, value: Json, parameter: Parameter<unknown>): string | undefined {
  const truths = new Map([
    ...['true', 'True', 'yes', 'on'].map((word) => [word, true] as const),
    ...['false', 'False', 'no', 'off'].map((word) => [word, false] as const),
  ]);
  const truth = typeof value === 'string' ? truths.get(value) : undefined;
  if (truth !== undefined && parameter.parse(truth) !== undefined) return `\`${name} = ${String(truth)}\``;
  if (typeof value === 'number' && value >= 2 && value < 100 && parameter.parse(value / 100) !== undefined)
    return `\`${name} = ${value / 100}\``;
  return undefined;
}

function parseAll<T>(values: readonly Json[], parameter: Parameter<T>): readonly T[] | undefined {
  const parsed = values.map((value) => parameter.parse(value)).filter((value) => value !== undefined);
  return parsed.length === values.length && values.length > 0 ? parsed : undefined;
}
