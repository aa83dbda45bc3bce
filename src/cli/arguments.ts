// The kinds of command-line options: their text in the help, and the parsers of their values. An invalid value is a diagnostic with the
// option's name and what it accepts.
import { fail } from '../diagnostics/diagnostic.ts';
import { foreignValue } from './foreign-words.ts';
import { helpWith } from './suggestion.ts';

/** An option with a value. `parse` receives all values given, in order; none if the option is absent. */
export interface ValueOption<T> {
  readonly kind: 'value';
  /** The placeholder of the value in the help: `NUMBER`. */
  readonly placeholder: string;
  readonly describe: string;
  readonly repeatable: boolean;
  /** The values there are, where they are few. */
  readonly choices?: readonly string[];
  parse(values: readonly string[], option: string): T;
}

/** An option without a value. */
export interface FlagOption {
  readonly kind: 'flag';
  readonly describe: string;
}

export type Option = ValueOption<unknown> | FlagOption;
export type Options = { readonly [name: string]: Option };

export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends ValueOption<infer T> ? T : boolean;
};

export function flag(describe: string): FlagOption {
  return { kind: 'flag', describe };
}

/** The last value given is used. */
function single<T>(
  placeholder: string,
  describe: string,
  parse: (text: string, option: string) => T,
): ValueOption<T | undefined> {
  return {
    kind: 'value',
    placeholder,
    describe,
    repeatable: false,
    parse(values, option) {
      const text = values.at(-1);
      return text === undefined ? undefined : parse(text, option);
    },
  };
}

/** @param meant the value that was probably meant */
function reject(option: string, expected: string, found: string, meant?: string): never {
  if (meant !== undefined)
    fail('option.meant', undefined, {
      option,
      expected,
      found: JSON.stringify(found),
      meant: `\`${meant}\``,
    });
  fail('option.value', undefined, { option, expected, found: JSON.stringify(found) });
}

export function text(placeholder: string, describe: string): ValueOption<string | undefined> {
  return single(placeholder, describe, (value, option) => {
    if (value === '') reject(option, `a ${placeholder.toLowerCase()}`, value);
    return value;
  });
}

export function wholeNumber(describe: string, least: number): ValueOption<number | undefined> {
  return single('NUMBER', describe, (value, option) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number) || number < least)
      reject(option, `a whole number of at least ${least}`, value, wholeMeant(value, least));
    return number;
  });
}

/** `1e2`, `5.0` and `1_000` as whole numbers. */
function wholeMeant(value: string, least: number): string | undefined {
  const plain = value.replaceAll(/(?<=\d)[_,](?=\d{3}\b)/g, '');
  const number = /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(plain) ? Number(plain) : NaN;
  return Number.isSafeInteger(number) && number >= least ? String(number) : undefined;
}

const units = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** A duration, such as `90s`, `10m` or `1h30m`, in seconds. */
export function duration(describe: string): ValueOption<number | undefined> {
  return single('TIME', describe, (value, option) => {
    const parts = [...value.matchAll(/(\d+(?:\.\d+)?)([smh])/g)];
    const seconds = parts.reduce(
      (sum, [, count, unit]) => sum + Number(count) * (units.get(unit ?? '') ?? 0),
      0,
    );
    const whole = parts.map(([part]) => part).join('') === value;
    const meant = /^[1-9]\d*$/.test(value) ? `${value}s` : undefined;
    if (!whole || !(seconds > 0)) reject(option, 'a time such as 90s, 10m or 1h30m', value, meant);
    return seconds;
  });
}

/** `10` and `10%` as a share. */
function shareMeant(value: string): string | undefined {
  const [, number = ''] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(value) ?? [];
  const share = Number(number) / 100;
  return number !== '' && share > 0 && share < 1 ? String(share) : undefined;
}

/** A number in [0, 1). */
export function share(describe: string): ValueOption<number | undefined> {
  return single('SHARE', describe, (value, option) => {
    const number = Number(value);
    if (value.trim() === '' || !(number >= 0 && number < 1))
      reject(option, 'a number from 0 up to, but not including, 1', value, shareMeant(value));
    return number;
  });
}

function choiceHelp(value: string, choices: readonly string[]): string {
  const meant = foreignValue(value, choices);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  return helpWith(value, choices, `It takes one of: ${choices.join(', ')}.`);
}

export function oneOf<const T extends string>(
  choices: readonly T[],
  describe: string,
): ValueOption<T | undefined> {
  const parsed = single(choices.join('|'), describe, (value, option) => {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    return fail('option.choice', undefined, {
      option,
      found: JSON.stringify(value),
      help: choiceHelp(value, choices),
    });
  });
  return { ...parsed, choices };
}

/** `key=value`, repeatable; the last value of a key is used. */
export function settings(describe: string): ValueOption<ReadonlyMap<string, string>> {
  return {
    kind: 'value',
    placeholder: 'KEY=VALUE',
    describe,
    repeatable: true,
    parse(values, option) {
      const pairs = new Map<string, string>();
      for (const value of values) {
        const separator = value.indexOf('=');
        if (separator < 1 || separator === value.length - 1)
          reject(
            option,
            'key=value',
            value,
            /^[\w.]+:\S+$/.test(value) ? value.replace(':', '=') : undefined,
          );
        pairs.set(value.slice(0, separator).trim(), value.slice(separator + 1).trim());
      }
      return pairs;
    },
  };
}
