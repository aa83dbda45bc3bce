// `nnc predict`: reads and preprocesses examples, runs the model in batches (padded inside), and prints its outputs: for classes the most
// probable ones with their probabilities, else the numbers.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { Model } from '../../../runtime/model.ts';
import { inputForms } from '../../../runtime/preparation/prepare.ts';
import { present, presentationOf, type ClassOutput } from '../../../runtime/preparation/present.ts';
import type { Named } from '../../../runtime/model.ts';
import type { Json } from '../../../runtime/specification.ts';
import { elementCount, namedRecord, type Tensor } from '../../../runtime/tensor.ts';
import { showNumber } from '../../../train/progress/text.ts';
import type { OptionValues } from '../../arguments.ts';
import { exitCodes } from '../../failure.ts';
import { nest } from '../../nested-json.ts';
import { withTrained } from '../../open-trained.ts';
import { rank, type RankedClass } from './classes.ts';
import type { Example } from './forms.ts';
import { readExamples } from './inputs.ts';
import type { TrainedOptions } from '../../run-options.ts';
import type { Streams } from '../../streams.ts';
import { preprocessingOf } from '../../trained.ts';
import { weightsJson } from '../../weights.ts';
import { writeText } from '../../write-out.ts';

export interface PredictOptions extends OptionValues<TrainedOptions> {
  readonly top: number | undefined;
  readonly raw: boolean;
  readonly json: boolean;
  readonly csv: boolean;
  readonly out: string | undefined;
}

/** What is shown of one example's prediction. */
interface Shown {
  readonly where: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }[];
  readonly ranked?: readonly RankedClass[];
  readonly probabilities?: Float64Array;
}

export async function predictFiles(
  source: Source,
  paths: readonly string[],
  options: PredictOptions,
  streams: Streams,
): Promise<number> {
  if (options.json && options.csv)
    fail('option.value', undefined, { option: '--csv', expected: 'no --json beside it', found: 'both' });
  return withTrained(source, options, streams, async (model, weights) => {
    const { checkpoint } = weights;
    const { specification } = model;
    const known = preprocessingOf(checkpoint);
    const preprocessing = options.raw ? undefined : known;
    if (!known && !options.raw)
      streams.note(
        `note: ${printable(checkpoint.path)} does not say how examples were prepared; they are taken as they are`,
      );
    const inputs = inputForms(specification.inputs, preprocessing);
    const examples: Example[] = [];
    for (const path of paths) examples.push(...(await readExamples(path, inputs, preprocessing)));
    const presentation = presentationOf(specification, known?.targets);
    const { classes } = presentation;
    const outputs = await forwardAll(model, examples);
    const shapes = new Map(specification.outputs.map(({ name, shape }) => [name, shape]));
    const predictions = present(presentation, outputs).map((found, i): Shown => {
      const { probabilities } = found;
      return {
        where: examples[i]?.where ?? '',
        outputs: Object.entries(found.outputs).map(([name, data]) => ({
          ...{ name, data },
          shape: shapes.get(name) ?? [],
        })),
        ...(probabilities && {
          ranked: rank(probabilities, options.top ?? 3, classes?.names),
          probabilities,
        }),
      };
    });
    const about = {
      model: specification.name,
      checkpoint: checkpoint.path,
      weights: weightsJson(weights),
      mode: model.mode,
    };
    await writeText(options.out, show(predictions, classes, options, about), streams);
    return exitCodes.done;
  });
}

/** Chunks of some batches, which bound memory. */
const pieceSize = 512;

/** The outputs of all examples, along the first axis. */
async function forwardAll(model: Model, examples: readonly Example[]): Promise<Named<Tensor>> {
  const { inputs, outputs, batch } = model.specification;
  const all = outputs.map(({ name, shape }) => {
    const size = elementCount(shape);
    return { name, size, shape: [examples.length, ...shape], data: new Float32Array(examples.length * size) };
  });
  const piece = Math.max(batch, pieceSize);
  for (let start = 0; start < examples.length; start += piece) {
    const part = examples.slice(start, start + piece);
    const columns = inputs.map(({ name, shape }): [string, Float32Array] => {
      const size = elementCount(shape);
      const column = new Float32Array(part.length * size);
      part.forEach(({ values }, i) => column.set(values.get(name) ?? [], i * size));
      return [name, column];
    });
    const found = await model.forward(namedRecord(columns), { prepared: true });
    for (const { name, size, data } of all) data.set(found[name]?.data ?? [], start * size);
  }
  return namedRecord(all.map(({ name, shape, data }) => [name, { shape, data }]));
}

function show(
  predictions: readonly Shown[],
  classes: ClassOutput | undefined,
  { json, csv }: PredictOptions,
  about: { readonly [name: string]: Json },
): string {
  if (json) {
    const list = predictions.map(({ where, outputs, ranked }) => ({
      input: where,
      ...(ranked && {
        target: classes?.target,
        class: ranked[0]?.class,
        ...(ranked[0]?.name !== undefined && { name: ranked[0].name }),
        top: ranked,
      }),
      outputs: Object.fromEntries(outputs.map(({ name, shape, data }) => [name, nest(data, shape)])),
    }));
    return printableJson({ ...about, predictions: list });
  }
  return csv ? showCsv(predictions, classes) : showLines(predictions, classes);
}

function showCsv(predictions: readonly Shown[], classes: ClassOutput | undefined): string {
  const [first] = predictions;
  const rest = first?.outputs.filter(({ name }) => name !== classes?.output) ?? [];
  const labels = Array.from({ length: classes?.classes ?? 0 }, (_, i) => classes?.names?.[i] ?? String(i));
  const head = [
    'input',
    ...(classes
      ? ['class', ...(classes.names ? ['name'] : []), ...labels.map((label) => `p(${label})`)]
      : []),
    ...rest.flatMap(({ name, data }) =>
      data.length === 1 ? [name] : Array.from(data, (_, i) => `${name}[${i}]`),
    ),
  ];
  const rows = predictions.map(({ where, outputs, ranked, probabilities }) => [
    where,
    ...(classes
      ? [
          String(ranked?.[0]?.class),
          ...(classes.names ? [ranked?.[0]?.name ?? ''] : []),
          ...Array.from(probabilities ?? [], (p) => String(Math.fround(p))),
        ]
      : []),
    ...outputs.filter(({ name }) => name !== classes?.output).flatMap(({ data }) => Array.from(data, String)),
  ]);
  return [head, ...rows].map((row) => row.map(quoteCell).join(',')).join('\n');
}

/** As in RFC 4180. */
function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function showLines(predictions: readonly Shown[], classes: ClassOutput | undefined): string {
  const width = Math.max(...predictions.map(({ where }) => where.length));
  return predictions
    .map(({ where, outputs, ranked }) => {
      const shown = ranked
        ? ranked
            .map(
              ({ class: label, name, probability }) =>
                `${printable(name ?? String(label))} ${(100 * probability).toFixed(1)} %`,
            )
            .join(', ')
        : '';
      const rest = outputs
        .filter(({ name }) => name !== classes?.output)
        .map(({ name, data }) => {
          const numbers = Array.from(data.subarray(0, shownNumbers), showNumber).join(', ');
          return `${name} [${numbers}${data.length > shownNumbers ? `, … ${data.length} numbers` : ''}]`;
        });
      return `${where.padEnd(width)}  ${[shown, ...rest].filter((text) => text !== '').join('  ')}`;
    })
    .join('\n');
}

/** How many of an output's numbers are shown on a line; --json has all. */
const shownNumbers = 8;
