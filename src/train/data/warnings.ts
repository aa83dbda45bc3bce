// Looks at a data set before it is trained on, and warns of what can be read and will hardly be learned from: src/diagnostics/allowed.ts
// says how a warning is allowed.
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { enumerate } from '../../diagnostics/enumerate.ts';
import type { Span } from '../../diagnostics/source.ts';
import { columnWidth, type Normalization } from '../../runtime/preparation/form.ts';
import type { StoredTensor } from '../../runtime/specification.ts';
import { elementCount } from '../../runtime/tensor.ts';
import { showNumber } from '../progress/text.ts';
import type { Rows } from './prepare/divide.ts';
import type { Match } from './prepare/match.ts';
import type { RawData, RawNumbers } from './prepare/raw-data.ts';
import type { Normalizing } from './sources/arguments.ts';

export interface LoadedFacts {
  readonly data: RawData;
  readonly matches: readonly Match[];
  readonly rows: Rows;
  /** Over the training examples. */
  readonly statisticsOf: (match: Match) => Normalization;
  readonly normalize: Normalizing;
  /** The model's tensors, with the scales of its targets. */
  readonly stored: readonly StoredTensor[];
  /** The place of the `data` line. */
  readonly span: Span | undefined;
}

export function dataWarnings(facts: LoadedFacts): Diagnostic[] {
  const each = facts.matches.flatMap((match) => {
    const values = facts.data.train.fields.get(match.field.name)?.values ?? new Float32Array();
    if (match.port.kind === 'class')
      return match.field.role === 'target' ? absentClasses(facts, match, values) : [];
    if (match.port.kind !== 'real' || match.field.kind !== 'number') return [];
    const elements = elementsOf(facts, match, values);
    return [
      ...constantElements(facts, elements),
      ...(match.field.role === 'target'
        ? targetScale(facts, match, elements)
        : unscaled(facts, match, elements)),
    ];
  });
  return [...each, ...drawnFromTime(facts)];
}

/** The classes that no example has, in any part. */
function absentClasses(
  { data, span }: LoadedFacts,
  { port, field }: Match,
  values: RawNumbers,
): Diagnostic[] {
  const { limit = 0 } = port;
  const present = new Set(values);
  for (const part of [data.validation, data.test]) {
    const others = typeof part === 'object' ? (part.fields.get(field.name)?.values ?? []) : [];
    for (const label of others) present.add(label);
  }
  const absent = Array.from({ length: limit }, (_, label) => label).filter((label) => !present.has(label));
  if (absent.length === 0) return [];
  const trailing = absent[0] === limit - absent.length;
  return [
    diagnostic('data.classes', span, {
      port: port.name,
      limit,
      count: present.size,
      absent: listed(absent.map((label) => field.labels?.[label] ?? String(label))),
      help: trailing
        ? `Where these are all there are, write \`target ${port.name}: class(${limit - absent.length})\`, and as many outputs.`
        : 'The model cannot learn a class that it never sees: look at how the classes are numbered.',
    }),
  ];
}

/** One number of each example, over the training examples. */
interface Element {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
  /** The value of all examples. */
  readonly only?: number;
}

/** Of a table its columns of numbers, of an array of one axis its elements; other arrays are taken as a whole. */
function elementsOf(
  { rows, statisticsOf }: LoadedFacts,
  match: Match,
  values: RawNumbers,
): readonly Element[] {
  const { port, field } = match;
  const { mean, deviation } = statisticsOf(match);
  const names = field.columns
    ? field.columns.flatMap((column) =>
        Array.from({ length: columnWidth(column) }, () =>
          column.kind === 'number' ? column.name : undefined,
        ),
      )
    : mean.map((_, i) => (mean.length === 1 ? port.name : `${port.name}[${i}]`));
  return names.flatMap((name, i): Element[] => {
    if (name === undefined) return [];
    const found = { name, mean: mean[i] ?? 0, deviation: deviation[i] ?? 1 };
    const only = onlyValue(values, elementCount(field.shape) / mean.length, {
      channel: i,
      channels: mean.length,
      rows,
    });
    return [{ ...found, ...(only !== undefined && { only }) }];
  });
}

/** The value that a channel has everywhere, if it is one. A deviation does not tell: that of constants is given as 1. */
function onlyValue(
  values: RawNumbers,
  run: number,
  { channel, channels, rows }: { readonly channel: number; readonly channels: number; readonly rows: Rows },
): number | undefined {
  const size = run * channels;
  const counted = rows.statistics ?? rows.train;
  const examples = counted?.length ?? values.length / size;
  let only: number | undefined;
  for (let i = 0; i < examples; i++) {
    const start = (counted?.[i] ?? i) * size + channel * run;
    for (let k = start; k < start + run; k++) {
      only ??= values[k];
      if (values[k] !== only) return undefined;
    }
  }
  return only;
}

function constantElements({ span }: LoadedFacts, elements: readonly Element[]): Diagnostic[] {
  const constant = elements.filter(({ only }) => only !== undefined);
  if (constant.length === 0) return [];
  const names = listed(constant.map(({ name, only = NaN }) => `\`${name}\` (${showPlain(only)})`));
  return [diagnostic('data.constant', span, { names, have: constant.length === 1 ? 'has' : 'have' })];
}

/** Deviations that differ by more than this make one rate too large for some weights and too small for others. */
const widest = 100;

function unscaled(
  { normalize, span }: LoadedFacts,
  { port }: Match,
  elements: readonly Element[],
): Diagnostic[] {
  const varying = elements.filter(({ only }) => only === undefined);
  if (normalize.inputs || varying.length === 0) return [];
  const bySize = varying.toSorted((a, b) => a.deviation - b.deviation);
  const [least, most] = [bySize[0], bySize.at(-1)];
  const far = varying.find(({ mean, deviation }) => Math.abs(mean) > widest * deviation);
  const deviates = ({ name, deviation }: Element) => `\`${name}\` deviates by ${showPlain(deviation)}`;
  const reason =
    least && most && most.deviation > widest * least.deviation
      ? `${deviates(least)} and ${deviates(most)}`
      : far && `${deviates(far)} about a mean of ${showPlain(far.mean)}`;
  return reason === undefined ? [] : [diagnostic('data.unscaled', span, { port: port.name, reason })];
}

function targetScale(facts: LoadedFacts, { port }: Match, elements: readonly Element[]): Diagnostic[] {
  const { normalize, stored, span } = facts;
  const scales = stored.some(({ scale }) => scale?.target === port.name);
  if (scales && normalize.targets) return [];
  const large = elements.find(({ mean, deviation }) => Math.max(Math.abs(mean), deviation) > widest);
  if (!large) return [];
  return [
    diagnostic('data.target-scale', span, {
      name: large.name,
      mean: showPlain(large.mean),
      deviation: showPlain(large.deviation),
      help: normalize.targets
        ? 'The loss reads the target otherwise than as its difference from an output that can take any value, so that `normalize = true` leaves it as it is: divide it in the data.'
        : '`normalize = true` scales it for the loss; what the model gives, and its metrics, stay in the data’s units.',
    }),
  ];
}

function drawnFromTime({ data, rows, span }: LoadedFacts): Diagnostic[] {
  if (data.timeOrder === undefined || !(rows.test ?? rows.validation)) return [];
  const part = rows.test ? (rows.validation ? 'test and validation' : 'test') : 'validation';
  return [diagnostic('data.time-order', span, { column: data.timeOrder, part })];
}

/** The first few of a list. */
function listed(names: readonly string[]): string {
  const most = 6;
  return names.length <= most
    ? enumerate(names, 'and')
    : `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`;
}

function showPlain(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : showNumber(value);
}
