// The preparation of raw examples as operators of the exported graph. Raw numbers are doubles, bytes of images
// are uint8, texts are strings: a runtime refuses numbers that a caller has prepared already. Computed in double, as training does, so that
// large numbers (times, coordinates) keep their digits until their mean is taken off.
import {
  byteUnit,
  isPlain,
  preparedSize,
  tableOf,
  type ArrayForm,
  type ColumnForm,
  type ImageForm,
  type InputForm,
  type Normalization,
  type TableForm,
} from '../../runtime/preparation/form.ts';
import { elementCount } from '../../runtime/tensor.ts';
import { dimensionsOf, isBatch, type Extent } from './extent.ts';
import type { OnnxGraph } from './onnx-graph.ts';
import { elementTypes, type OnnxPort } from './schema.ts';

type NumberColumn = Extract<ColumnForm, { kind: 'number' }>;
type CategoryColumn = Extract<ColumnForm, { kind: 'category' }>;

export interface PreparedValue {
  /** The inputs of the exported model. */
  readonly ports: readonly OnnxPort[];
  /** The model's input, in float. */
  readonly value: string;
  /** [batch, 1]: NaN for an example that nnc would refuse (a text that training did not have, an empty cell without a stand-in), else 0. */
  readonly fault?: string;
}

/** An input of the model. */
export interface WantedInput {
  readonly name: string;
  /** With the batch. */
  readonly extents: readonly Extent[];
}

const mend = '`--raw` leaves that to the caller, and `--standalone` does it';

/** Why the graph cannot prepare an input; undefined if it can. */
export function notInGraph(form: InputForm): string | undefined {
  const columns = tableOf(form)?.columns ?? [];
  if (columns.some(({ kind }) => kind === 'date')) return `dates are not read by the graph; ${mend}`;
  const isFilled = columns.some((column) => column.kind !== 'date' && column.missing !== undefined);
  if (form.kind !== 'series' || (isPlain(form) && !isFilled)) return undefined;
  return `the rows of a series are not prepared by the graph; ${mend}`;
}

/** Undefined where raw numbers are the model's own, so that there is nothing to write. */
export function prepareInGraph(
  graph: OnnxGraph,
  form: InputForm,
  input: WantedInput,
): PreparedValue | undefined {
  if (form.kind === 'table') return prepareTable(graph, form, input);
  if (form.kind === 'series' || isPlain(form)) return undefined;
  return form.kind === 'image' ? prepareImage(graph, form, input) : prepareArray(graph, form, input);
}

function prepareImage(graph: OnnxGraph, form: ImageForm, { name, extents }: WantedInput): PreparedValue {
  const own = inputNamed(graph, name, extents);
  const scaled = graph.apply('Mul', [toDouble(graph, own), graph.doubles([], [byteUnit])]);
  const comment = `bytes of a picture from 0 to 255, in planes [${form.shape.join(', ')}]`;
  return {
    ports: [{ name: own, type: 'uint8', dimensions: dimensionsOf(extents), comment }],
    value: toFloat(graph, normalized(graph, scaled, form.normalization, extents)),
  };
}

function prepareArray(graph: OnnxGraph, form: ArrayForm, { name, extents }: WantedInput): PreparedValue {
  const own = inputNamed(graph, name, extents);
  return {
    ports: [{ name: own, type: 'double', dimensions: dimensionsOf(extents), comment: 'raw numbers' }],
    value: toFloat(graph, normalized(graph, own, form.normalization, extents)),
  };
}

/** One input for a table of numbers; where columns hold texts, one for each column. */
function prepareTable(graph: OnnxGraph, form: TableForm, input: WantedInput): PreparedValue {
  const [batch = 1] = input.extents;
  const { columns } = form;
  const ports: OnnxPort[] = [];
  const open = (wish: string, type: OnnxPort['type'], width: number, comment: string): string => {
    const name = inputNamed(graph, wish, [batch, width]);
    ports.push({ name, type, dimensions: dimensionsOf([batch, width]), comment });
    return name;
  };
  const numbers = columns.flatMap((column) => (column.kind === 'number' ? [column] : []));
  const listed = columns.map(({ name }) => name).join(', ');
  const parts =
    numbers.length === columns.length
      ? [
          filled(
            graph,
            open(input.name, 'double', columns.length, `the columns ${listed}; NaN is an empty cell`),
            numbers,
          ),
        ]
      : columns.map((column) => {
          switch (column.kind) {
            case 'number':
              return filled(graph, open(column.name, 'double', 1, 'a number; NaN is an empty cell'), [
                column,
              ]);
            case 'category':
              return coded(
                graph,
                open(column.name, 'string', 1, 'a text; the empty one is an empty cell'),
                column,
              );
            case 'date':
              throw new Error(`the dates of ${column.name} are refused before`);
          }
        });
  const raw = parts.length === 1 ? (parts[0] ?? '') : graph.apply('Concat', parts, { axis: 1 });
  const flat = [batch, preparedSize(form)];
  const value = toFloat(graph, normalized(graph, raw, form.normalization, flat));
  const difference = graph.apply('Sub', [value, value]);
  return {
    ports,
    value: graph.reshape(value, flat, input.extents),
    fault: graph.apply('ReduceSum', [difference, graph.ints([1])], { keepdims: 1 }),
  };
}

/** Numbers [batch, columns], where NaN is replaced by its column's stand-in, and stays if there is none. */
function filled(graph: OnnxGraph, raw: string, columns: readonly NumberColumn[]): string {
  if (columns.every(({ missing }) => missing === undefined)) return raw;
  const standIns = graph.doubles(
    [columns.length],
    columns.map(({ missing = NaN }) => missing),
  );
  return graph.apply('Where', [graph.apply('IsNaN', [raw]), standIns, raw]);
}

/** A column of texts: its index, or one-hot; NaN for a text that is not in the vocabulary. */
function coded(graph: OnnxGraph, raw: string, column: CategoryColumn): string {
  const { vocabulary, missing, encoding } = column;
  const keys = missing === undefined ? vocabulary : [...vocabulary, ''];
  const codes = keys.map((text) => vocabulary.indexOf(text === '' ? (missing ?? '') : text));
  const index = toDouble(
    graph,
    graph.apply('LabelEncoder', [raw], {
      keys_strings: { texts: keys },
      values_floats: { floats: codes },
      default_float: { float: NaN },
    }),
  );
  if (encoding === 'index') return index;
  const places = graph.doubles([vocabulary.length], vocabulary.keys());
  const hits = toDouble(graph, graph.apply('Equal', [index, places]));
  return graph.apply('Add', [hits, graph.apply('Sub', [index, index])]);
}

function normalized(
  graph: OnnxGraph,
  raw: string,
  normalization: Normalization | undefined,
  extents: readonly Extent[],
): string {
  if (!normalization) return raw;
  const { mean, deviation } = channelsOf(graph, normalization, extents);
  return graph.apply('Div', [graph.apply('Sub', [raw, mean]), deviation]);
}

/** The statistics, shaped to be broadcast over an example: each belongs to an equal run of its elements. */
function channelsOf(graph: OnnxGraph, { mean, deviation }: Normalization, extents: readonly Extent[]) {
  const sizes = extents.slice(1).map(Number);
  const total = elementCount(sizes);
  const run = total / mean.length;
  const whole = sizes.length === 0 || mean.length === 1;
  const planes = sizes[0] === mean.length;
  const shape = whole ? [] : planes ? [mean.length, ...sizes.slice(1).map(() => 1)] : sizes;
  const spread = (values: readonly number[]) =>
    whole || planes ? values : Array.from({ length: total }, (_, i) => values[Math.floor(i / run)] ?? NaN);
  return { mean: graph.doubles(shape, spread(mean)), deviation: graph.doubles(shape, spread(deviation)) };
}

/** A free name, whose first axis gives the batch's size. */
function inputNamed(graph: OnnxGraph, wish: string, [batch]: readonly Extent[]): string {
  const name = graph.reserve(wish);
  if (isBatch(batch)) graph.batchInput ??= name;
  return name;
}

const toDouble = (graph: OnnxGraph, value: string) =>
  graph.apply('Cast', [value], { to: elementTypes.double });
const toFloat = (graph: OnnxGraph, value: string) => graph.apply('Cast', [value], { to: elementTypes.float });
