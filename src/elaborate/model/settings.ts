// The parts of a model that are data: `data`, `train`, and overrides from the command line.
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { Expression, Model, NumberLiteral, TrainItem } from '../../parser/ast.ts';
import type { DataSetting, Json, TrainSettings } from '../../runtime/specification.ts';
import type { Context, Environment } from '../context.ts';
import { enumerate } from '../../diagnostics/enumerate.ts';
import { meant, meantInstead } from '../../names/meant.ts';
import { describe, type Value } from '../values/values.ts';

/** A schedule of the library that replaces the model's. */
export interface ScheduleOverride {
  readonly name: string;
  readonly settings: { readonly [name: string]: number };
}

/** `--set name=text`; uses are recorded, so that unused ones can be reported. */
export class Overrides {
  private readonly used = new Set<string>();
  private readonly known = new Set<string>();

  constructor(
    private readonly values: ReadonlyMap<string, string> = new Map(),
    private readonly otherSchedule?: ScheduleOverride,
  ) {}

  /** The overriding schedule, as if it were written in the text. */
  schedule(span: Span): Expression | undefined {
    if (!this.otherSchedule) return undefined;
    const { name, settings } = this.otherSchedule;
    return {
      kind: 'call',
      callee: { kind: 'name', text: name, span },
      arguments: Object.entries(settings).map(([setting, value]) => ({
        name: { text: setting, span },
        value: { kind: 'number', value, integer: Number.isInteger(value), span },
        span,
      })),
      span,
    };
  }

  /** The override of `original` under one of these names, or `original`. */
  apply(names: readonly string[], original: Expression | undefined, span: Span): Expression | undefined {
    for (const name of names) this.known.add(name);
    const name = names.find((candidate) => this.values.has(candidate));
    if (name === undefined) return original;
    this.used.add(name);
    return parseLiteral(this.values.get(name) ?? '', span) ?? original;
  }

  /** One error for each unused override, and for each whose text is no value. */
  problems(): Diagnostic[] {
    const known = [...this.known].sort();
    return [...this.values].flatMap(([name, text]): Diagnostic[] => {
      if (!this.used.has(name)) {
        const similar = meant(name, known);
        const listed = known.length > 0 ? `${enumerate(known, 'and')} can be set.` : 'Nothing can be set.';
        const help = similar === undefined ? listed : `Did you mean \`${similar}\`?`;
        return [diagnostic('override.unknown', undefined, { name, help })];
      }
      const span = { source: { path: '', text: '', library: false }, start: 0, end: 0 };
      return parseLiteral(text, span) ? [] : [diagnostic('override.value', undefined, { name, text })];
    });
  }
}

/** A number, `true`, `false`, `none` or a word. */
function parseLiteral(text: string, span: Span): Expression | undefined {
  if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true', span };
  if (text === 'none') return { kind: 'none', span };
  if (/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)) {
    const value = Math.abs(Number(text));
    const literal: NumberLiteral = { kind: 'number', value, integer: Number.isInteger(value), span };
    return text.startsWith('-') ? { kind: 'unary', operator: '-', operand: literal, span } : literal;
  }
  return /^[A-Za-z_]\w*$/.test(text) ? { kind: 'name', text, span } : undefined;
}

interface SettingRow<T> {
  readonly expected: string;
  readonly fallback: T;
  /** Reads the setting's value; undefined if it is invalid. */
  readonly read: (value: Value) => { readonly value: T } | undefined;
}

const integer = (least: number, fallback: number): SettingRow<number> => ({
  expected: `a whole number of at least ${least}`,
  fallback,
  read: (found) => (found.kind === 'number' && isWhole(found.value, least) ? found : undefined),
});

const isWhole = (value: number, least: number) => Number.isInteger(value) && value >= least;

const settings: { readonly [K in keyof Required<TrainSettings>]: SettingRow<TrainSettings[K]> } = {
  epochs: integer(1, 10),
  batch: integer(1, 32),
  seed: integer(0, 1),
  accumulate: {
    expected: 'a whole number of at least 1',
    fallback: undefined,
    read: (found) =>
      found.kind === 'number' && isWhole(found.value, 1)
        ? { value: found.value === 1 ? undefined : found.value }
        : undefined,
  },
  validation: {
    expected: 'a share of the training part, from 0 up to 1',
    fallback: 0,
    read: (found) =>
      found.kind === 'number' && found.value >= 0 && found.value < 1 ? { value: found.value } : undefined,
  },
  patience: {
    expected: 'a whole number of at least 1, or `none`',
    fallback: undefined,
    read: (found) =>
      found.kind === 'none'
        ? { value: undefined }
        : found.kind === 'number' && isWhole(found.value, 1)
          ? { value: found.value }
          : undefined,
  },
  monitor: {
    expected: 'the name of a metric, such as `validation_accuracy`, or `none`',
    fallback: undefined,
    read: (found) =>
      found.kind === 'none'
        ? { value: undefined }
        : found.kind === 'string'
          ? { value: found.value }
          : undefined,
  },
};

function settingHelp(name: string, known: readonly string[]): string {
  if (name === 'lr' || name === 'learning_rate')
    return 'The learning rate belongs to the optimizer: `optimizer Adam(lr = 1e-3)`.';
  return `Its settings are ${enumerate(known, 'and')}.`;
}

/** The `train` block after defaults and overrides. */
export function trainSettings(
  context: Context,
  model: Model,
  environment: Environment,
  overrides: Overrides,
): TrainSettings {
  const item = model.items.find((candidate): candidate is TrainItem => candidate.kind === 'train');
  for (const setting of item?.settings ?? []) {
    const name = setting.name.text;
    if (Object.hasOwn(settings, name)) continue;
    const known = Object.keys(settings);
    const rate = name === 'lr' || name === 'learning_rate';
    const { help, options } = rate
      ? { help: settingHelp(name, known), options: { edit: { span: setting.span, replacement: '' } } }
      : meantInstead(name, setting.name.span, known, settingHelp(name, known));
    context.report(context.error('setting.unknown', setting.name.span, { name, help }, options));
  }
  const read = <K extends keyof TrainSettings>(name: K): TrainSettings[K] => {
    const row: SettingRow<TrainSettings[K]> = settings[name];
    const written = item?.settings.find((candidate) => candidate.name.text === name);
    const span = written?.value.span ?? model.name.span;
    const expression = overrides.apply([name, `train.${name}`], written?.value, span);
    if (!expression) return row.fallback;
    let fitting: { readonly value: TrainSettings[K] } | undefined;
    context.attempt(span, () => {
      // the quantity to monitor is a word, named as in reports
      const found: Value =
        name === 'monitor' && expression.kind === 'name'
          ? { kind: 'string', value: expression.text }
          : context.evaluate(expression, environment);
      fitting = row.read(found);
      if (found.kind === 'poison' || fitting) return found;
      return context.fail('setting.value', span, { name, expected: row.expected, found: describe(found) });
    });
    return fitting ? fitting.value : row.fallback;
  };
  const accumulate = read('accumulate');
  const patience = read('patience');
  const monitor = read('monitor');
  return {
    epochs: read('epochs'),
    batch: read('batch'),
    seed: read('seed'),
    validation: read('validation'),
    ...(accumulate !== undefined && { accumulate }),
    ...(patience !== undefined && { patience }),
    ...(monitor !== undefined && { monitor }),
  };
}

/** `data mnist(normalize = true)` as JSON; a word is its text, a call an object with `name`, `positional` and `named`. */
export function dataSetting(context: Context, expression: Expression, environment: Environment): DataSetting {
  if (expression.kind === 'name') return { name: expression.text, positional: [], named: {} };
  if (expression.kind !== 'call' || expression.callee.kind !== 'name') {
    return context.fail('data.form', expression.span, {});
  }
  const json = (value: Expression): Json => toJson(context, value, environment);
  return {
    name: expression.callee.text,
    positional: expression.arguments
      .filter((argument) => !argument.name)
      .map((argument) => json(argument.value)),
    named: Object.fromEntries(
      expression.arguments.flatMap((argument) =>
        argument.name ? [[argument.name.text, json(argument.value)] as const] : [],
      ),
    ),
  };
}

function toJson(context: Context, expression: Expression, environment: Environment): Json {
  switch (expression.kind) {
    case 'list':
      return expression.items.map((item) => toJson(context, item, environment));
    case 'name': {
      const bound = environment.scope.find(expression.text)?.value;
      if (bound?.kind === 'number' || bound?.kind === 'boolean' || bound?.kind === 'string')
        return bound.value;
      const constant = environment.scope.module.constants.get(expression.text);
      return constant ? toJson(context, constant.value, environment) : expression.text;
    }
    case 'call':
      return { ...dataSetting(context, expression, environment) };
    default: {
      const value = context.evaluate(expression, environment);
      if (value.kind === 'poison') context.abandon();
      if (value.kind === 'none') return null;
      if (value.kind === 'number' || value.kind === 'boolean' || value.kind === 'string') return value.value;
      return context.fail('data.value', expression.span, { found: describe(value) });
    }
  }
}
