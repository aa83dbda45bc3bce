// From a model's `data` line to the examples it trains and is tested on. The source's files are read and checked against the
// model's ports, examples for validation (and, where the source has no test part of its own but a share, for the test) are set
// apart, and inputs are normalised by what is left for training.
import { createHash } from 'node:crypto';
import { DiagnosticError, fail } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { DataSetting, Port } from '../../runtime/specification.ts';
import { showShape } from '../../runtime/tensor.ts';
import type { Augmentation, Column, Dataset, Split } from './dataset.ts';
import { matchPorts, type Match } from './match.ts';
import { byteTable, channelCount, normalisationOf, normaliseFloats } from './normalise.ts';
import type { RawData, RawPart } from './raw-data.ts';
import type { InputForm, Normalisation, Preprocessing, TargetForm } from './preprocessing.ts';
import { choose, drawState } from './shuffle.ts';
import { sources } from './sources.ts';
import type { Loaded } from './source.ts';

export interface DataOptions {
  /** The folder of the `.nn` file. */
  readonly folder: string;
  /** What --data-root named. */
  readonly dataRoot?: string;
  /** The share of the training part to keep for validation, 0 ≤ share < 1; 0 by default. */
  readonly validation?: number;
  /** What the choice of validation and test examples is drawn from; 0 by default. */
  readonly seed?: number;
  /** Where the `data` line stands, for messages. */
  readonly span?: Span;
}

/**
 * @param model its inputs and targets, which name the columns
 * @throws DiagnosticError for bad arguments, missing or malformed files, and data that does not fit the model
 */
export async function loadData(
  setting: DataSetting,
  model: { readonly inputs: readonly Port[]; readonly targets: readonly Port[] },
  options: DataOptions,
): Promise<Dataset> {
  try {
    return await load(setting, model, options);
  } catch (error) {
    const { span } = options;
    if (!(error instanceof DiagnosticError) || !span) throw error;
    throw new DiagnosticError(error.diagnostics.map((found) => ({ span, ...found })));
  }
}

async function load(
  setting: DataSetting,
  { inputs, targets }: { readonly inputs: readonly Port[]; readonly targets: readonly Port[] },
  options: DataOptions,
): Promise<Dataset> {
  const source = sources.get(setting.name);
  if (!source) return unknownSource(setting.name);
  const { folder, dataRoot, validation = 0, seed = 0 } = options;
  const roots = { folder, ...(dataRoot !== undefined && { dataRoot }) };
  const loaded = await source.load(setting, { roots, inputs, targets });
  const { data, augmentations } = loaded;
  const matches = matchPorts(source.name, data, inputs, targets);
  const rows = divide(data, validation, seed);

  const normalisation = new Map<string, Normalisation>();
  for (const { port, field } of loaded.normalize ? matches : []) {
    if (field.role !== 'input' || port.kind !== 'real') continue;
    normalisation.set(port.name, normalisationOf(field, valuesOf(data.train, field.name), rows.train));
  }
  const columns = columnsOf(data.train, matches, normalisation);
  if (augmentations.length > 0) checkPictures(source.name, columns);
  const split = (part: Uint32Array | undefined, augment: readonly Augmentation[]): Split => ({
    count: part?.length ?? data.train.count,
    columns,
    ...(part && { rows: part }),
    augmentations: augment,
  });
  const train = split(rows.train, augmentations);
  const test =
    typeof data.test === 'object'
      ? { count: data.test.count, columns: columnsOf(data.test, matches, normalisation), augmentations: [] }
      : rows.test && split(rows.test, []);
  const kept = rows.validation && split(rows.validation, []);
  return {
    name: source.name,
    train,
    ...(kept && { validation: kept }),
    ...(test && { test }),
    ...(data.classes && { classes: data.classes }),
    description: describe(source.name, data, matches, { train, validation: kept, test }),
    fingerprint: fingerprintOf(loaded, matches, normalisation, rows),
    normalisation,
    preprocessing: preprocessingOf(source.name, data, matches, normalisation),
  };
}

function preprocessingOf(
  source: string,
  data: RawData,
  matches: readonly Match[],
  normalisation: ReadonlyMap<string, Normalisation>,
): Preprocessing {
  const inputs = matches
    .filter(({ field }) => field.role === 'input')
    .map(({ port: { name }, field: { kind, shape, columns, resize } }): InputForm => {
      const found = normalisation.get(name);
      const common = { name, ...(found && { normalisation: found }) };
      if (columns) return { kind: 'table', columns, ...common };
      return kind === 'image'
        ? { kind: 'image', shape, resize: resize ?? false, ...common }
        : { kind: 'array', shape, ...common };
    });
  const targets = matches
    .filter(({ field }) => field.role === 'target')
    .map(({ port, field }): TargetForm => ({
      name: port.name,
      kind: field.kind === 'class' || port.kind === 'class' ? 'class' : 'number',
      ...(field.kind === 'class' && data.classes && { classes: data.classes }),
      ...(field.columns && { columns: field.columns.map((column) => column.name) }),
    }));
  return { format: 1, source, inputs, targets };
}

function unknownSource(name: string): never {
  const known = [...sources.keys()];
  const meant = suggest(name, known);
  const help = meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean \`${meant}\`?`;
  return fail('data.source', undefined, { name, help });
}

interface Rows {
  readonly train?: Uint32Array;
  readonly validation?: Uint32Array;
  readonly test?: Uint32Array;
}

/** Absent rows are all of them. The test part is drawn apart from validation: another share leaves it as it is. */
function divide({ train, test }: RawData, validation: number, seed: number): Rows {
  let left: Uint32Array | undefined;
  const take = (share: number, purpose: 'test' | 'validation'): Uint32Array => {
    const count = left?.length ?? train.count;
    const wanted = Math.min(count - 1, Math.max(1, Math.round(share * count)));
    const { chosen, rest } = choose(count, wanted, drawState(purpose, seed));
    const from = left;
    left = from ? rest.map((i) => from[i] ?? 0) : rest;
    return from ? chosen.map((i) => from[i] ?? 0) : chosen;
  };
  const forTest = typeof test === 'number' ? take(test, 'test') : undefined;
  const forValidation = validation > 0 ? take(validation, 'validation') : undefined;
  return {
    ...(left && { train: left }),
    ...(forValidation && { validation: forValidation }),
    ...(forTest && { test: forTest }),
  };
}

function valuesOf(part: RawPart, field: string): Uint8Array | Float32Array {
  return part.fields.get(field)?.values ?? new Float32Array();
}

function columnsOf(
  part: RawPart,
  matches: readonly Match[],
  normalisation: ReadonlyMap<string, Normalisation>,
): Map<string, Column> {
  return new Map(
    matches.map((match) => [match.port.name, columnOf(part, match, normalisation.get(match.port.name))]),
  );
}

function columnOf(part: RawPart, { port, field }: Match, normalisation: Normalisation | undefined): Column {
  const values = valuesOf(part, field.name);
  const { shape } = port;
  if (field.kind === 'class' || port.kind !== 'real') {
    const labels = Float32Array.from(values);
    return port.kind === 'real' ? { kind: 'one-hot', shape, labels } : { kind: 'float', shape, data: labels };
  }
  if (values instanceof Float32Array) {
    return {
      kind: 'float',
      shape,
      data: normalisation ? normaliseFloats(values, field, normalisation) : values,
    };
  }
  const channels = channelCount(field);
  const [height = 1, width = 1] = field.shape.slice(-2);
  const isPicture = field.shape.length === 2 || field.shape.length === 3;
  return {
    kind: 'byte',
    shape,
    data: values,
    table: byteTable(field, normalisation),
    channels,
    ...(isPicture && { picture: { height, width } }),
  };
}

/** @throws DiagnosticError when there is nothing to augment */
function checkPictures(source: string, columns: ReadonlyMap<string, Column>): void {
  if ([...columns.values()].some((column) => column.kind === 'byte' && column.picture)) return;
  const expected = 'pictures of bytes, [H, W] or [C, H, W], for an input';
  fail('data.argument', undefined, { source, name: 'augment', expected, found: 'other data' });
}

interface Parts {
  readonly train: Split;
  readonly validation: Split | undefined;
  readonly test: Split | undefined;
}

function describe(name: string, data: RawData, matches: readonly Match[], parts: Parts): string {
  const counts = [
    `${parts.train.count} examples to train on`,
    ...(parts.validation ? [`${parts.validation.count} for validation`] : []),
    ...(parts.test ? [`${parts.test.count} for the test`] : []),
  ];
  const shapes = matches
    .filter(({ field }) => field.role === 'input')
    .map(({ port, field }) => {
      const own = showShape(field.shape);
      return own === showShape(port.shape) ? own : `${own} as ${showShape(port.shape)}`;
    });
  return `${name} from ${data.origin}: ${counts.join(', ')}; ${shapes.join(', ')}`;
}

/** Of values, not of paths: the same data in another folder is the same. */
function fingerprintOf(
  { data, augmentations }: Loaded,
  matches: readonly Match[],
  normalisation: ReadonlyMap<string, Normalisation>,
  rows: Rows,
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([matches, [...normalisation], augmentations]));
  for (const part of [data.train, ...(typeof data.test === 'object' ? [data.test] : [])]) {
    for (const { field } of matches) hash.update(valuesOf(part, field.name));
  }
  for (const part of [rows.train, rows.validation, rows.test]) hash.update(part ?? 'all');
  return hash.digest('hex').slice(0, 32);
}
