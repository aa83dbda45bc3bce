// The options of a series in a `data` line, and what they mean together.
import { fail } from '../../../diagnostics/diagnostic.ts';
import {
  choiceOf,
  columnName,
  columnsWithOptions,
  optional,
  positiveInteger,
  type Arguments,
  type Parameter,
} from '../sources/arguments.ts';
import { dateFeatures } from '../../../runtime/preparation/dates.ts';
import type { DateOption } from '../tables/table.ts';
import type { SeriesForm } from './series.ts';

/** Of every source whose examples can be windows. */
export const windowParameters = {
  window: optional(positiveInteger),
  horizon: optional(positiveInteger),
  stride: optional(positiveInteger),
  period: optional(positiveInteger),
  split: optional(choiceOf('time', 'groups', 'random')),
};

/** Of tables, whose rows may say when they were and to which series they belong. */
export const orderParameters = { time: optional(columnName), group: optional(columnName) };

type Given = Arguments<typeof windowParameters> & Partial<Arguments<typeof orderParameters>>;

/**
 * @param source the data set's name, for messages
 * @returns the form, but for the columns; undefined if rows are examples by themselves, in no order
 * @throws DiagnosticError for options that mean nothing together
 */
export function seriesOptions(source: string, given: Given): SeriesForm | undefined {
  const { window, horizon, stride, period, split, time, group } = given;
  const refuse = (name: string, expected: string, found: string) =>
    fail('data.argument', undefined, { source, name, expected, found });
  if (window === undefined) {
    const alone = Object.entries({ horizon, stride, period }).find(([, value]) => value !== undefined);
    if (alone) refuse(alone[0], 'a `window` beside it', 'none');
    const unused = Object.entries({ time, group }).find(([, value]) => value !== undefined);
    if (unused && (split === undefined || split === 'random'))
      refuse(unused[0], 'a `window` beside it, or a `split` by it', 'neither');
    if (split === undefined || split === 'random') return undefined;
  } else {
    if (split === 'random')
      refuse(
        'split',
        '`time` or `groups` where there is a `window`',
        'random: windows overlap, and would be in several parts',
      );
    if (period !== undefined && period > window)
      refuse('period', `at most the ${window} rows of the window`, String(period));
  }
  if (split === 'groups' && group === undefined)
    fail('data.argument-missing', undefined, {
      source,
      name: 'group',
      expected: 'the column whose groups are held out by `split = groups`',
    });
  return {
    window: window ?? 1,
    horizon: window === undefined ? 0 : (horizon ?? 1),
    stride: stride ?? 1,
    split: split === 'groups' ? 'groups' : 'time',
    ...(period !== undefined && { period }),
  };
}

/** `[sold, due(hour, weekday)]`: columns of dates; one without features is seconds. */
export const dates: Parameter<readonly DateOption[]> = {
  expected: `a list of columns, each by name or number, or with features: sold(${dateFeatures.slice(1).join(', ')})`,
  parse(value) {
    const columns = columnsWithOptions(value);
    return columns?.reduce<readonly DateOption[] | undefined>((all, { column, options }) => {
      const features = options.flatMap((option) => dateFeatures.filter((feature) => feature === option));
      if (features.length < options.length || new Set(features).size < features.length) return undefined;
      return all && [...all, { column, features: features.length > 0 ? features : ['seconds'] }];
    }, []);
  },
  absent: () => [],
};
