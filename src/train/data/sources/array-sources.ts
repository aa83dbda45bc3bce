// Data in NumPy files: one array per port of the model, with the examples along the first axis.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import type { Port } from '../../../runtime/specification.ts';
import { augmentations, fileOrShare, normalizing, optional, share, text, texts } from './arguments.ts';
import { parseNpy } from '../formats/npy.ts';
import { readNpzEntry } from '../formats/npz.ts';
import { findData } from './paths.ts';
import type { DataArray, RawData, RawField, RawPart, RawValues, SourceContext } from '../prepare/raw-data.ts';
import { readData } from './read-file.ts';
import { seriesOptions, windowParameters } from '../series/options.ts';
import type { SeriesForm } from '../series/series.ts';
import { viewOf } from '../series/view.ts';
import { defineSource } from './source.ts';
import { zipEntries, ZipError } from '../formats/zip.ts';

/** A port of the model and its array. */
interface PortArray {
  readonly port: Port;
  readonly role: RawField['role'];
  readonly array: DataArray;
  readonly path: string;
}

interface ArrayPart {
  readonly fields: readonly RawField[];
  readonly part: RawPart;
}

const commonParameters = { normalize: normalizing, augment: augmentations, ...windowParameters };

/** `npz("data.npz", test = "test.npz" or 0.2)`: its arrays are named after the model's inputs and targets. */
export const npz = defineSource({
  name: 'npz',
  parameters: { file: text, test: optional(fileOrShare), ...commonParameters },
  async load({ file, test, ...given }, context) {
    const series = seriesOptions('npz', given);
    const train = joinArrays(await readArchive(file, context), series);
    const other = typeof test === 'string' ? joinArrays(await readArchive(test, context), series) : test;
    return { ...rawData(train, other, file), ...(series && { series }) };
  },
});

/** `npy(inputs = "x.npy", targets = "y.npy", test_inputs = …, test_targets = …)`, lists where the model has several. */
export const npy = defineSource({
  name: 'npy',
  parameters: {
    inputs: texts,
    targets: optional(texts),
    test_inputs: optional(texts),
    test_targets: optional(texts),
    test: optional(share),
    ...commonParameters,
  },
  async load(given, context) {
    const series = seriesOptions('npy', given);
    const read = async (inputs: readonly string[], targets: readonly string[] | undefined) =>
      joinArrays(
        [
          ...(await readEach('input', context.inputs, inputs, context)),
          ...(await readEach('target', context.targets, targets ?? [], context)),
        ],
        series,
      );
    if (given.test !== undefined && given.test_inputs)
      fail('data.argument', undefined, {
        source: 'npy',
        name: 'test',
        expected: 'no `test_inputs` beside it',
        found: 'both',
      });
    const train = await read(given.inputs, given.targets);
    const test = given.test_inputs ? await read(given.test_inputs, given.test_targets) : given.test;
    return { ...rawData(train, test, given.inputs.join(', ')), ...(series && { series }) };
  },
});

async function readEach(
  role: RawField['role'],
  ports: readonly Port[],
  files: readonly string[],
  { roots }: SourceContext,
): Promise<PortArray[]> {
  if (files.length !== ports.length) {
    const expected = `${ports.length} files, one for each ${role} (${ports.map((port) => port.name).join(', ')})`;
    fail('data.argument', undefined, {
      source: 'npy',
      name: `${role}s`,
      expected,
      found: String(files.length),
    });
  }
  const arrays: PortArray[] = [];
  for (const [i, port] of ports.entries()) {
    const found = await findData(files[i] ?? '', roots);
    const array = parseNpy(await readData(found, 'NPY'), found.shown);
    arrays.push({ port, role, array, path: found.shown });
  }
  return arrays;
}

async function readArchive(file: string, { roots, inputs, targets }: SourceContext): Promise<PortArray[]> {
  const found = await findData(file, roots);
  const malformed = (reason: string) =>
    fail('data.malformed', undefined, { path: found.shown, format: 'NPZ', reason });
  const bytes = await readData(found, 'NPZ');
  try {
    const entries = zipEntries(bytes);
    const read = async (role: RawField['role'], port: Port): Promise<PortArray> => {
      const entry = entries.get(`${port.name}.npy`);
      if (!entry) {
        const names = [...entries.keys()].map((name) => name.replace(/\.npy$/, ''));
        const meant = suggest(port.name, names);
        const hint = meant === undefined ? `it has ${names.join(', ') || 'none'}` : `did you mean ${meant}?`;
        return malformed(`it has no array for the model's ${role} \`${port.name}\`; ${hint}`);
      }
      const path = `${found.shown}, ${entry.name}`;
      return { port, role, array: await readNpzEntry(bytes, entry, found.shown), path };
    };
    const arrays: PortArray[] = [];
    for (const port of inputs) arrays.push(await read('input', port));
    for (const port of targets) arrays.push(await read('target', port));
    return arrays;
  } catch (error) {
    if (error instanceof ZipError) return malformed(error.message);
    throw error;
  }
}

/** @param series if examples are windows: the arrays' first axis is then that of the rows */
function joinArrays(arrays: readonly PortArray[], series: SeriesForm | undefined): ArrayPart {
  const [first] = arrays;
  const count = first?.array.shape[0] ?? 0;
  const fields: RawField[] = [];
  const values = new Map<string, RawValues>();
  for (const { port, role, array, path } of arrays) {
    if (array.shape[0] !== count) {
      const what = series ? 'rows' : 'examples';
      const reason = `it has ${array.shape[0]} ${what}, and ${first?.path} ${count}`;
      fail('data.malformed', undefined, { path, format: 'NPY', reason });
    }
    const kind = port.kind === 'class' ? 'class' : 'number';
    const view = viewOf(series, role);
    fields.push({ name: port.name, role, kind, shape: array.shape.slice(1), ...(view && { view }) });
    values.set(port.name, { values: array.values, path });
  }
  return { fields, part: { count, fields: values } };
}

function rawData(train: ArrayPart, test: ArrayPart | number | undefined, origin: string): RawData {
  if (typeof test === 'object') {
    train.fields.forEach(({ name, shape }, i) => {
      const other = test.fields[i]?.shape ?? [];
      if (other.join() === shape.join()) return;
      const path = test.part.fields.get(name)?.path ?? name;
      const reason = `its examples are [${other.join(', ')}], and the training part's [${shape.join(', ')}]`;
      fail('data.malformed', undefined, { path, format: 'NPY', reason });
    });
  }
  return {
    fields: train.fields,
    train: train.part,
    ...(test !== undefined && { test: typeof test === 'number' ? test : test.part }),
    origin,
  };
}
