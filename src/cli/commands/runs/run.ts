// `nnc runs`: resolves names to runs, and prints them as a table or JSON. Every run's folder is a row, whatever it contains.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Json } from '../../../runtime/specification.ts';
import { findRun } from '../../../run-folders/find-run.ts';
import { compareRuns, type Difference } from '../../../run-folders/compare-runs.ts';
import { listRuns } from '../../../run-folders/list-runs.ts';
import type { RunSummary } from '../../../run-folders/run-summary.ts';
import { showCount, showMetric, showSeconds } from '../../../train/progress/text.ts';
import { exitCodes } from '../../failure.ts';
import type { Streams } from '../../streams.ts';
import { helpWith } from '../../suggestion.ts';
import { showTable } from '../../table.ts';

/** Validation metrics that fit in a row of the list. */
const mostMetrics = 2;

/** @param names of one model, or empty for all */
export async function listNamed(
  names: readonly string[],
  folder: string,
  json: boolean,
  streams: Streams,
): Promise<number> {
  const [model, surplus] = names;
  if (surplus !== undefined)
    fail('argument.surplus', undefined, { command: 'runs', found: JSON.stringify(surplus) });
  const all = await listRuns(folder);
  const found = model === undefined ? all : all.filter((run) => run.model === model);
  if (model !== undefined && found.length === 0) {
    const models = [...new Set(all.map((run) => run.model))];
    const known =
      models.length > 0 ? `There are runs of ${models.map(printable).join(', ')}.` : nothingYet(folder);
    fail('run.model', undefined, { model: printable(model), help: helpWith(model, models, known) });
  }
  if (json) streams.result(printableJson({ runs: found.map(describe) }));
  else if (found.length === 0) streams.note(nothingYet(folder));
  else streams.result(showList(found));
  return exitCodes.done;
}

/** @param names of at least two runs */
export async function compareNamed(
  names: readonly string[],
  folder: string,
  json: boolean,
  streams: Streams,
): Promise<number> {
  if (names.length < 2)
    fail('argument.missing', undefined, { command: 'runs compare', name: 'two runs or more' });
  const all = await listRuns(folder);
  const chosen = names.map((name) => findRun(name, all, nothingYet(folder)));
  const { settings, alike, results } = compareRuns(chosen);
  if (json) {
    const record = (rows: readonly Difference[]) =>
      Object.fromEntries(rows.map(({ name, values }) => [name, values]));
    streams.result(
      printableJson({
        runs: chosen.map(describe),
        settings: record(settings),
        alike,
        results: record(results),
      }),
    );
    return exitCodes.done;
  }
  const head = chosen.map(({ id, label }) => printable(label.name ?? id));
  const table = (rows: readonly Difference[], title: string) =>
    showTable(
      [title, ...head],
      rows.map(({ name, values }) => [printable(name), ...values.map((value) => showValue(name, value))]),
      head.map((_, column) => column + 1),
    );
  const differing = settings.length > 0 ? table(settings, 'setting') : 'No setting differs.';
  streams.result([table(results, 'result'), '', differing, '', `${alike} settings are alike.`].join('\n'));
  return exitCodes.done;
}

export function nothingYet(folder: string): string {
  return `Nothing was trained into ${printable(folder)} yet.`;
}

function showList(runs: readonly RunSummary[]): string {
  const models = [...new Set(runs.map(({ model }) => model))];
  return models
    .map((model) =>
      showModel(
        model,
        runs.filter((run) => run.model === model),
      ),
    )
    .join('\n\n');
}

/** One model's runs, with their metrics. */
function showModel(model: string, runs: readonly RunSummary[]): string {
  const measured = [...new Set(runs.flatMap(({ progress }) => [...progress.keys()]))];
  const validated = measured.filter((name) => name.startsWith('validation_') && name !== 'validation_loss');
  const metrics = (
    validated.length > 0 ? validated : measured.filter((name) => !name.endsWith('loss'))
  ).slice(0, mostMetrics);
  const tested = [...new Set(runs.flatMap(({ test }) => [...test.keys()]))]
    .filter((name) => name !== 'loss')
    .slice(0, 1);
  const losses = ['loss', ...measured.filter((name) => name === 'validation_loss')];
  const isNamed = runs.some(({ label }) => label.name !== undefined || label.pinned);
  const rows = runs.map((run) => [
    printable(run.time),
    ...(isNamed ? [showName(run)] : []),
    run.state,
    run.plannedEpochs === null ? String(run.epochs) : `${run.epochs}/${run.plannedEpochs}`,
    ...[...losses, ...metrics].flatMap((name) => {
      const value = run.progress.get(name);
      return value ? [showScalar(name, value.last), showScalar(name, value.best)] : ['–', '–'];
    }),
    ...tested.map((name) => showValue(name, run.test.get(name) ?? null)),
    run.seconds > 0 ? showSeconds(run.seconds) : '–',
    run.samplesPerSecond === null ? '–' : showCount(run.samplesPerSecond),
  ]);
  const head = [
    'run',
    ...(isNamed ? ['name'] : []),
    'state',
    'epochs',
    ...[...losses, ...metrics].flatMap((name) => [printable(name), 'best']),
    ...tested.map((name) => `test ${printable(name)}`),
    'time',
    'samples/s',
  ];
  const faults = runs.flatMap(({ time, faults: found }) =>
    found.map((fault) => `  ${printable(time)}: ${printable(fault)}`),
  );
  const notes = runs.flatMap(({ time, label: { note } }) =>
    note === undefined ? [] : [`  ${printable(time)}: ${printable(note)}`],
  );
  const right = head.map((_, column) => column).slice(isNamed ? 3 : 2);
  return [printable(model), showTable(head, rows, right), ...notes, ...faults].join('\n');
}

function showName({ label: { name, pinned } }: RunSummary): string {
  const parts = [...(name === undefined ? [] : [printable(name)]), ...(pinned ? ['(pinned)'] : [])];
  return parts.join(' ') || '–';
}

function showScalar(name: string, value: number): string {
  const plain = name.replace(/^validation_/, '');
  return showMetric(plain, value).slice(plain.length + 1);
}

function showValue(name: string, value: Json): string {
  if (value === null) return '–';
  if (typeof value === 'number') {
    if (name === 'seconds') return showSeconds(value);
    if (name === 'samples_per_second') return showCount(value);
    const metric = name.replace(/^(?:best |test_|validation_)+/, '');
    if (name !== metric || /loss/.test(name) || !Number.isInteger(value)) return showScalar(metric, value);
    return String(value);
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return printable(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

function describe(run: RunSummary): Json {
  const { progress, test, settings, label, saved, ...plain } = run;
  return {
    ...plain,
    name: label.name ?? null,
    note: label.note ?? null,
    pinned: label.pinned ?? false,
    saved: Number.isFinite(saved) ? new Date(saved).toISOString() : null,
    progress: Object.fromEntries([...progress].map(([name, { last, best }]) => [name, { last, best }])),
    test: Object.fromEntries(test),
    settings: Object.fromEntries(settings),
  };
}
