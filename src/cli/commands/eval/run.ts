// `nnc eval`. The data is split as in training, so that the validation part is the one held out then.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { dirname, resolve } from 'node:path';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { Json, ModelSpecification } from '../../../runtime/specification.ts';
import type { Checkpoint } from '../../../train/checkpoint/checkpoint.ts';
import { slice } from '../../../train/data/feed/batches.ts';
import type { Dataset, Split } from '../../../train/data/dataset.ts';
import { loadData } from '../../../train/data/load-data.ts';
import { showPreprocessing } from '../../../train/data/prepare/preprocessing.ts';
import { Examiner } from '../../../report/examination.ts';
import { ForecastScore, type ForecastResult } from '../../../train/forecast/forecast-score.ts';
import { recordForecast, showForecast } from '../../../train/forecast/text.ts';
import { evaluateExamples } from '../../../train/loop/evaluation.ts';
import type { Evaluation } from '../../../train/loop/events.ts';
import { showCount, showMetricValue, showNumber } from '../../../train/progress/text.ts';
import type { OptionValues } from '../../arguments.ts';
import { parts, type EvalOptions, type Part } from './options.ts';
import { writeEvaluation } from './report.ts';
import { exitCodes } from '../../failure.ts';
import { nest } from '../../nested-json.ts';
import { withTrained } from '../../open-trained.ts';
import { weightsJson } from '../../weights.ts';
import { listenForSignals } from '../../signals.ts';
import type { Streams } from '../../streams.ts';
import { showTable } from '../../table.ts';

export async function evaluateTrained(
  source: Source,
  options: OptionValues<EvalOptions>,
  streams: Streams,
): Promise<number> {
  const interruption = listenForSignals((name) => streams.note(`${name}: stopping`));
  try {
    return await withTrained(source, options, streams, async (model, weights) => {
      const { checkpoint } = weights;
      const { specification } = model;
      const dataset = await dataOf(source, options['data-root'], specification, checkpoint, streams);
      const { part, split } = choosePart(dataset, options.part);
      const begun = performance.now();
      const examples = {
        count: split.count,
        slice: (start: number, end: number) => slice(split, start, end),
      };
      const examiner = new Examiner(specification, dataset.preprocessing);
      const started = new Date();
      const score = new ForecastScore(specification, dataset);
      const found = await evaluateExamples(model, examples, interruption.signal, {
        examined(first, arrays, piece) {
          examiner.add(part, first, arrays, piece);
          score.add(part, first, arrays, piece);
        },
      });
      if (!found) return interruption.exitCode() ?? exitCodes.done;
      const seconds = (performance.now() - begun) / 1000;
      const forecast = score.result();
      if (options.report !== undefined) {
        const examination = examiner.result();
        await writeEvaluation(options.report, {
          ...{ source, options, specification, part, found, begun: started },
          weights,
          ...(examination && { examination }),
          ...(forecast && { forecast }),
        });
      }
      const shapes = new Map(specification.metrics.map(({ name, shape }) => [name, shape]));
      if (options.json) {
        const metrics = Object.fromEntries(
          [...found.metrics].map(([name, value]) => [
            name,
            typeof value === 'number' ? value : nest(value, shapes.get(name) ?? []),
          ]),
        );
        const { examples: count, loss } = found;
        const about = {
          model: specification.name,
          checkpoint: checkpoint.path,
          weights: weightsJson(weights),
          part,
          mode: model.mode,
        };
        const compared = forecast && { forecast: recordForecast(forecast) };
        streams.result(printableJson({ ...about, examples: count, loss, metrics, ...compared, seconds }));
      } else {
        const classes = classesOf(dataset);
        streams.result(showEvaluation(found, { part, checkpoint, shapes, classes, forecast }));
      }
      return exitCodes.done;
    });
  } finally {
    interruption.close();
  }
}

async function dataOf(
  source: Source,
  dataRoot: string | undefined,
  specification: ModelSpecification,
  checkpoint: Checkpoint,
  streams: Streams,
): Promise<Dataset> {
  const { data: setting, train } = specification;
  if (!setting) return fail('data.none', undefined, { model: specification.name });
  const { path, training } = checkpoint;
  const dataset = await loadData(setting, specification, {
    folder: dirname(resolve(source.path)),
    ...(dataRoot !== undefined && { dataRoot }),
    validation: numberIn(training.settings, 'validation') ?? train.validation,
    seed: numberIn(training.settings, 'seed') ?? train.seed,
  });
  if (training.data === dataset.fingerprint || training.preprocessing === null) return dataset;
  // Other examples may be evaluated, but only with the same preprocessing as in training.
  if (preparation(showPreprocessing(dataset.preprocessing)) !== preparation(training.preprocessing))
    fail('checkpoint.data', undefined, {
      path,
      source: dataset.name,
      help: 'Examples would be prepared by other statistics or categories than in training. Train again on the data as it is now, or evaluate with the data that the run was trained on; `nnc predict` prepares examples as the run did.',
    });
  streams.note(`note: ${printable(path)} was trained on other examples of ${dataset.name}`);
  return dataset;
}

/** The comparable part of a preprocessing: the dialect of its file and columns that are not read do not matter. */
function preparation(json: Json): string {
  return JSON.stringify(json, (key, value: unknown) => (['csv', 'others'].includes(key) ? undefined : value));
}

function numberIn(settings: Json, name: string): number | undefined {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) return undefined;
  const value = (settings as { readonly [name: string]: Json })[name];
  return typeof value === 'number' ? value : undefined;
}

/** @throws DiagnosticError if the data has no such part */
export function choosePart(dataset: Dataset, wanted: Part | undefined): { part: Part; split: Split } {
  const present = parts.filter((part) => (dataset[part]?.count ?? 0) > 0);
  const part = wanted ?? (present.includes('test') ? 'test' : 'validation');
  const split = dataset[part];
  if (split && split.count > 0) return { part, split };
  return fail('data.part', undefined, { source: dataset.name, part, present: present.join(', ') });
}

function classesOf(dataset: Dataset): readonly string[] | undefined {
  return dataset.preprocessing.targets.find(({ classes }) => classes)?.classes;
}

interface ShowOptions {
  readonly part: Part;
  readonly checkpoint: Checkpoint;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly classes: readonly string[] | undefined;
  readonly forecast: ForecastResult | undefined;
}

function showEvaluation(found: Evaluation, options: ShowOptions): string {
  const { part, checkpoint, shapes, classes, forecast } = options;
  const facts = [
    [part, `${showCount(found.examples)} examples, ${printable(checkpoint.path)}`],
    ['loss', showNumber(found.loss)],
  ];
  const tables: string[] = [];
  for (const [name, value] of found.metrics) {
    const shape = shapes.get(name) ?? [];
    if (typeof value !== 'number' && shape.length === 2)
      tables.push('', name, showMatrix(value, shape, classes));
    else facts.push([name, showMetricValue(name, value)]);
  }
  if (forecast) facts.push(['forecast', showForecast(recordForecast(forecast))]);
  const width = Math.max(11, ...facts.map(([name = '']) => name.length + 2));
  const lines = facts.map(([name = '', value = '']) => `${name.padEnd(width)}${value}`);
  return [...lines, ...tables].join('\n');
}

/** A confusion matrix or similar: rows and columns are labeled with the classes' names if their number matches. */
function showMatrix(
  values: readonly number[],
  [rows = 0, columns = 0]: readonly number[],
  classes: readonly string[] | undefined,
): string {
  const nameOf = (i: number, count: number) =>
    printable(classes?.length === count ? (classes[i] ?? '') : String(i));
  const names = Array.from({ length: columns }, (_, i) => nameOf(i, columns));
  const body = Array.from({ length: rows }, (_, row) => [
    nameOf(row, rows),
    ...values
      .slice(row * columns, (row + 1) * columns)
      .map((value) => (Number.isInteger(value) ? String(value) : showNumber(value))),
  ]);
  return showTable(
    ['', ...names],
    body,
    names.map((_, i) => i + 1),
  );
}
