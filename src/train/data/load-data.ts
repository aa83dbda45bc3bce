// Loads the data set of a model's `data` line. The source's files are read and checked against the model's ports, validation examples
// (and test examples, if the source has a test share instead of a test part) are held out, and inputs are normalized by the statistics of
// the remaining training examples.
import { withoutAllowed } from '../../diagnostics/allowed.ts';
import { DiagnosticError, fail } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Normalization } from '../../runtime/preparation/form.ts';
import type { DataSetting, Port, StoredTensor } from '../../runtime/specification.ts';
import { elementCount } from '../../runtime/tensor.ts';
import type { Augmentation, Column, Dataset, SeriesData, Split } from './dataset.ts';
import { describe, fingerprintOf, preprocessingOf } from './describe-data.ts';
import { divide } from './prepare/divide.ts';
import { fillMissing, standInsOf } from './prepare/fill-missing.ts';
import { matchPorts, type Match } from './prepare/match.ts';
import { byteTable, channelCount, normalizationOf, normalizeFloats } from './prepare/normalize.ts';
import type { RawData, RawField, RawNumbers, RawPart } from './prepare/raw-data.ts';
import { divideSeries, wholeSeries } from './series/divide-series.ts';
import type { SeriesForm } from './series/series.ts';
import { shareColumns } from './feed/shared-memory.ts';
import { sources } from './sources/sources.ts';
import { dataWarnings } from './warnings.ts';

export interface DataOptions {
  /** The folder of the `.nn` file. */
  readonly folder: string;
  /** The folder of --data-root. */
  readonly dataRoot?: string;
  /** The share of the training part held out for validation, 0 ≤ share < 1; 0 by default. */
  readonly validation?: number;
  /** The seed for drawing validation and test examples; 0 by default. */
  readonly seed?: number;
  /** Called while files are read, if there are many. */
  readonly progress?: (done: number, total: number) => void;
  /** The place of the `data` line, for messages. */
  readonly span?: Span;
}

/** The parts of a specification that matter to its data. */
export interface DataModel {
  readonly inputs: readonly Port[];
  readonly targets: readonly Port[];
  /** Its tensors, some of which may scale targets; none by default. */
  readonly stored?: readonly StoredTensor[];
}

/**
 * @param model its inputs and targets name the columns
 * @throws DiagnosticError for bad arguments, missing or malformed files, and data that does not fit the model
 */
export async function loadData(
  setting: DataSetting,
  model: DataModel,
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
  { inputs, targets, stored = [] }: DataModel,
  options: DataOptions,
): Promise<Dataset> {
  const source = sources.get(setting.name);
  if (!source) return unknownSource(setting.name);
  const { folder, dataRoot, validation = 0, seed = 0, progress, span } = options;
  const roots = { folder, ...(dataRoot !== undefined && { dataRoot }) };
  const loaded = await source.load(setting, { roots, inputs, targets, ...(progress && { progress }) });
  const { data, augmentations } = loaded;
  if (data.validation && validation > 0) refuseShare(source.name, data.origin, validation);
  const matched = matchPorts(source.name, data, inputs, targets);
  const rows = data.series
    ? divideSeries(source.name, data, data.series, { validation, seed })
    : divide(data, validation, seed);
  const counted = rows.statistics ?? rows.train;
  const matches = matched.map((match) => filled(match, data, counted));

  const known = new Map<string, Normalization>();
  const statisticsOf = ({ port, field }: Match): Normalization => {
    const found = known.get(port.name) ?? normalizationOf(field, valuesOf(data.train, field.name), counted);
    known.set(port.name, found);
    return found;
  };
  const statistics = (role: RawField['role'], wanted: boolean) =>
    new Map(
      matches
        .filter(
          ({ port, field }) =>
            wanted && field.role === role && port.kind === 'real' && field.kind !== 'class',
        )
        .map((match) => {
          const found = statisticsOf(match);
          return [match.port.name, role === 'target' ? ofEachRow(match.field, found) : found] as const;
        }),
    );
  const normalization = statistics('input', loaded.normalize.inputs);
  const scales = statistics('target', loaded.normalize.targets);
  // shared memory, for the thread that assembles batches
  const columns = shareColumns(columnsOf(data.train, matches, normalization));
  if (augmentations.length > 0) checkPictures(source.name, columns);
  const split = (part: Uint32Array | undefined, augment: readonly Augmentation[]): Split => ({
    count: part?.length ?? data.train.count,
    columns,
    ...(part && { rows: part }),
    augmentations: augment,
  });
  const train = split(rows.train, augmentations);
  const apart = (part: RawPart, own?: Uint32Array): Split => ({
    count: own?.length ?? part.count,
    columns: columnsOf(part, matches, normalization),
    ...(own && { rows: own }),
    augmentations: [],
  });
  const test =
    typeof data.test === 'object' ? apart(data.test, rows.otherTest) : rows.test && split(rows.test, []);
  const kept = data.validation ? apart(data.validation) : rows.validation && split(rows.validation, []);
  return {
    name: source.name,
    train,
    ...(kept && { validation: kept }),
    ...(test && { test }),
    ...(data.classes && { classes: data.classes }),
    description: describe(source.name, data, matches, { train, validation: kept, test }),
    fingerprint: fingerprintOf(loaded, matches, normalization, rows),
    normalization,
    scales,
    warnings: withoutAllowed(
      dataWarnings({ data, matches, rows, statisticsOf, normalize: loaded.normalize, stored, span }),
    ),
    ...(data.series && { series: seriesOf(data, data.series) }),
    preprocessing: preprocessingOf(source.name, data, matches, normalization),
  };
}

/** Statistics of a row's channels for each row of an example: a target is scaled as the model has it, rows one after another. */
function ofEachRow({ view }: RawField, { mean, deviation }: Normalization): Normalization {
  if (!view || mean.length === 1) return { mean, deviation };
  const repeated = (values: readonly number[]) => Array.from({ length: view.rows }, () => values).flat();
  return { mean: repeated(mean), deviation: repeated(deviation) };
}

function seriesOf({ train, test }: RawData, form: SeriesForm): SeriesData {
  const rowsOf = ({ series, count }: RawPart) => series ?? wholeSeries(count);
  return { form, train: rowsOf(train), ...(typeof test === 'object' && { test: rowsOf(test) }) };
}

/** What other libraries call a source. */
const foreignSources = new Map([
  ['read_csv', 'csv'],
  ['tsv', 'csv'],
  ['table', 'csv'],
  ['dataframe', 'csv'],
  ['read_parquet', 'parquet'],
  ['imagefolder', 'images'],
  ['image_folder', 'images'],
  ['folder', 'images'],
  ['cifar', 'cifar10'],
  ['numpy', 'npy'],
]);
function refuseShare(source: string, origin: string, share: number): never {
  const expected = `no \`validation = ${share}\` in \`train\`, since ${origin} has a part for validation of its own`;
  return fail('data.argument', undefined, { source, name: 'validation', expected, found: String(share) });
}

function unknownSource(name: string): never {
  const known = [...sources.keys()];
  const meant = foreignSources.get(name.toLowerCase()) ?? suggest(name, known);
  const help = meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean \`${meant}\`?`;
  return fail('data.source', undefined, { name, help });
}

/** Fills missing cells, by the statistics of the training examples. */
function filled({ port, field }: Match, data: RawData, rows: Uint32Array | undefined): Match {
  const values = valuesOf(data.train, field.name);
  if (!field.fill || !(values instanceof Float64Array)) return { port, field };
  const { columns, standIns } = standInsOf(field, values, rows);
  fillMissing(values, standIns);
  for (const part of [data.validation, data.test]) {
    const own = typeof part === 'object' ? valuesOf(part, field.name) : undefined;
    if (own instanceof Float64Array) fillMissing(own, standIns);
  }
  return { port, field: { ...field, columns } };
}

function valuesOf(part: RawPart, field: string): RawNumbers {
  return part.fields.get(field)?.values ?? new Float32Array();
}

function columnsOf(
  part: RawPart,
  matches: readonly Match[],
  normalization: ReadonlyMap<string, Normalization>,
): Map<string, Column> {
  return new Map(
    matches.map((match) => [match.port.name, columnOf(part, match, normalization.get(match.port.name))]),
  );
}

function columnOf(part: RawPart, { port, field }: Match, normalization: Normalization | undefined): Column {
  const values = valuesOf(part, field.name);
  const { shape } = port;
  const view = field.view && {
    step: elementCount(field.shape),
    offset: field.view.offset * elementCount(field.shape),
  };
  if (field.kind === 'class' || port.kind !== 'real') {
    const labels = Float32Array.from(values);
    if (port.kind === 'real')
      return { kind: 'one-hot', shape, labels, ...(field.view && { offset: field.view.offset }) };
    return { kind: 'float', shape, data: labels, ...(view && { view }) };
  }
  // windows of bytes are no pictures
  if (view || !(values instanceof Uint8Array)) {
    const floats = values instanceof Uint8Array ? Float32Array.from(values) : values;
    const data = normalization
      ? normalizeFloats(floats, field, normalization)
      : floats instanceof Float32Array
        ? floats
        : Float32Array.from(floats);
    return { kind: 'float', shape, data, ...(view && { view }) };
  }
  const channels = channelCount(field);
  const [height = 1, width = 1] = field.shape.slice(-2);
  const isPicture = field.shape.length === 2 || field.shape.length === 3;
  return {
    kind: 'byte',
    shape,
    data: values,
    table: byteTable(field, normalization),
    channels,
    ...(isPicture && { picture: { height, width } }),
  };
}

/** @throws DiagnosticError when there is no image to augment */
function checkPictures(source: string, columns: ReadonlyMap<string, Column>): void {
  if ([...columns.values()].some((column) => column.kind === 'byte' && column.picture)) return;
  const expected = 'pictures of bytes, [H, W] or [C, H, W], for an input';
  fail('data.argument', undefined, { source, name: 'augment', expected, found: 'other data' });
}
