// Selects a trained state of a model for a command: the one that --checkpoint names, or that of the run which is chosen by itself
// (src/run-folders/choose-run.ts).
import { stat } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { fail } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/printable.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import {
  chooseRun,
  whyUnfit,
  type Candidate,
  type Choice,
  type Explained,
} from '../run-folders/choose-run.ts';
import { findRun } from '../run-folders/find-run.ts';
import { foldersIn } from '../run-folders/list-runs.ts';
import { programOf, readRun, type RunFacts } from '../run-folders/run-facts.ts';
import { textIn } from '../run-folders/json-file.ts';
import { ModelFileError, SafetensorsError } from '../runtime/errors.ts';
import { readModelFile } from '../runtime/model-file.ts';
import type { ModelSpecification } from '../runtime/specification.ts';
import {
  checkpointSuffix,
  newestValid,
  readCheckpoint,
  type Checkpoint,
} from '../train/checkpoint/checkpoint.ts';
import { parsePreprocessing, type Preprocessing } from '../train/data/prepare/preprocessing.ts';
import { changesBetween, isOfModel, showChange } from '../train/run/changes.ts';
import { checkpointNames, type CheckpointKind } from '../train/run/context.ts';
import { programIn, type Program } from '../train/run/program.ts';
import { runsFolder } from './runs-folder.ts';
import type { Streams } from './streams.ts';
import { describeWeights, type Weights } from './weights.ts';

export interface TrainedRequest {
  /** The base name of the model's products, which names the folder of its runs. */
  readonly name: string;
  /** `--checkpoint`: `best`, `last`, a run, its folder, or a checkpoint. */
  readonly given: string | undefined;
  /** The present program. */
  readonly program: Program;
  /** The present model's fingerprint; called only if a run must be chosen. */
  fingerprint(): Promise<string>;
  readonly streams: Streams;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Reports on stderr which weights it has found.
 * @throws DiagnosticError if there are none, or none is chosen by itself
 */
export async function findTrained(request: TrainedRequest): Promise<Weights> {
  const found = await lookForTrained(request);
  return (
    found ?? fail('checkpoint.untrained', undefined, { path: printable(join(runsFolder, request.name)) })
  );
}

/** The same, but undefined if no checkpoint was named and the model has no run. */
export async function lookForTrained(request: TrainedRequest): Promise<Weights | undefined> {
  const { given, program, streams, now } = request;
  const found =
    given === undefined || given === 'best'
      ? await chosenRun(request, given === undefined)
      : given === 'last'
        ? await newestRun(request)
        : await named(given, request);
  if (!found) return undefined;
  streams.note(describeWeights(found, now));
  const before = programIn(found.checkpoint.training.settings);
  const changes = before ? changesBetween(before, program).filter(isOfModel) : [];
  if (changes.length > 0)
    streams.note(
      [
        'warning: the model has changed since these weights were trained:',
        ...changes.flatMap(showChange),
      ].join('\n  '),
    );
  return found;
}

/** The runs of a model that have a checkpoint. */
export async function runsOf(name: string, now: number): Promise<RunFacts[]> {
  const times = await foldersIn(join(runsFolder, name));
  const runs = await Promise.all(times.map((time) => readRun(runsFolder, name, time, now)));
  return runs.filter(({ saved }) => saved > -Infinity);
}

async function chosenRun(request: TrainedRequest, pins: boolean): Promise<Weights | undefined> {
  const { name, program, streams, now } = request;
  let runs = await runsOf(name, now);
  if (runs.length === 0) return undefined;
  const fingerprint = await request.fingerprint();
  for (;;) {
    const candidates: Candidate[] = runs.map((run) => ({
      run,
      differs: differences(run, program, fingerprint),
    }));
    const choice = chooseRun(candidates, pins);
    if (choice.kind === 'none') return undefined;
    if (choice.kind !== 'chosen') return refuse(choice, name);
    const { run, among, pinned, newer } = choice;
    const checkpoint = await stateOf(run.path, 'best', streams);
    if (!checkpoint) {
      // its checkpoints were reported as damaged: another run may do
      runs = runs.map((each) => (each === run ? { ...run, state: 'damaged', label: {} } : each));
      continue;
    }
    if (newer)
      streams.note(
        `note: the newest run is not used: ${printable(newer.run.id)}, ${newer.reason}; --checkpoint ${printable(newer.run.time)} uses it`,
      );
    const best = among ? `the best of ${among.count} runs by ${among.by}` : 'the only complete run';
    return weightsIn(checkpoint, run, pinned ? 'pinned' : run.state === 'imported' ? 'imported' : best);
  }
}

/** What differs between a run and the present model, a line each. */
function differences(run: RunFacts, program: Program, fingerprint: string): readonly string[] {
  const before = programOf(run);
  const own = textIn(run.config, 'fingerprint');
  const fits = own === undefined || own === fingerprint;
  const changes = before ? changesBetween(before, program) : [];
  const telling = changes.filter((change) => isOfModel(change) || (!fits && change.part === 'optimizer'));
  if (telling.length === 0) return fits ? [] : ['its tensors have other names or shapes'];
  const lines = telling.map((change) =>
    showChange(change)
      .map((line) => line.trim())
      .join(' '),
  );
  const set = [...(before?.overrides ?? [])].filter(([key, text]) => program.overrides.get(key) !== text);
  return set.length === 0
    ? lines
    : [...lines, `it had ${set.map(([key, text]) => `--set ${key}=${text}`).join(' ')}`];
}

/** Maximum number of runs listed in an error. */
const mostListed = 8;

export function listExplained(runs: readonly Explained[]): string {
  const newest = runs.toSorted((a, b) => b.run.saved - a.run.saved);
  const shown = newest.slice(0, mostListed).map(({ run, reason }) => {
    const name = run.label.name === undefined ? '' : ` "${run.label.name}"`;
    return `\n  ${printable(`${run.id}${name}: ${reason}`)}`;
  });
  const rest = newest.length - shown.length;
  return [...shown, ...(rest > 0 ? [`\n  and ${rest} more`] : [])].join('');
}

function refuse(choice: Exclude<Choice, { readonly kind: 'chosen' | 'none' }>, model: string): never {
  const runs = listExplained(choice.runs);
  const [first] = choice.runs.toSorted((a, b) => b.run.saved - a.run.saved);
  const example = printable(first?.run.time ?? '');
  const take = `--checkpoint ${example} takes that one, and \`nnc runs pin ${example}\` makes it the one that is taken`;
  if (choice.kind === 'unlike')
    return fail('run.choice', undefined, { reason: choice.reason, runs, help: `${take}.` });
  const help = `${take}; \`nnc train\` makes a complete one.`;
  return fail('run.unfit', undefined, { model: printable(model), runs, help });
}

/** The newest run, whatever it is, as training left it. */
async function newestRun({ name, streams, now }: TrainedRequest): Promise<Weights | undefined> {
  const runs = (await runsOf(name, now)).sort((a, b) => b.saved - a.saved);
  for (const run of runs) {
    const checkpoint = await stateOf(run.path, 'last', streams);
    if (checkpoint) return weightsIn(checkpoint, run, asNamed('the newest run', run));
  }
  return undefined;
}

/** A checkpoint, a run's folder, or a run by its name. */
async function named(given: string, { name, streams, now }: TrainedRequest): Promise<Weights> {
  const kind = await kindOf(given);
  if (kind === 'file') {
    const checkpoint = await readCheckpoint(given);
    return weightsIn(checkpoint, await runAround(dirname(given), now), 'as named');
  }
  if (kind === 'missing' && given.endsWith(checkpointSuffix))
    return fail('checkpoint.missing', undefined, { path: printable(given) });
  const run = kind === 'folder' ? await runAround(given, now) : await runCalled(given, name, now);
  const folder = run?.path ?? given;
  const checkpoint =
    (await stateOf(folder, 'best', streams)) ??
    fail('checkpoint.missing', undefined, { path: `in ${printable(folder)}` });
  return weightsIn(checkpoint, run, run ? asNamed('as named', run) : 'as named');
}

function asNamed(how: string, run: RunFacts): string {
  const reason = whyUnfit(run);
  return reason === undefined ? how : `${how}: ${reason}`;
}

/** One of the model's runs; or one of another model, by its path in runs/. */
async function runCalled(given: string, name: string, now: number): Promise<RunFacts> {
  const path = join(runsFolder, given);
  const isPath = /^[^/\\]+[/\\][^/\\]+$/.test(given) && (await kindOf(path)) === 'folder';
  const found = isPath ? await runAround(path, now) : undefined;
  const nothing = `Nothing was trained into ${printable(join(runsFolder, name))} yet.`;
  return found ?? findRun(given, await runsOf(name, now), nothing);
}

/** The run whose folder this is; undefined if it holds no run's files. */
export async function runAround(folder: string, now: number): Promise<RunFacts | undefined> {
  const path = normalize(folder).replace(/[/\\]+$/, '');
  const parent = dirname(path);
  const run = await readRun(dirname(parent), basename(parent), basename(path), now);
  return run.config || run.state === 'imported' ? run : undefined;
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'missing'> {
  return stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => 'missing',
  );
}

export async function weightsIn(
  checkpoint: Checkpoint,
  run: RunFacts | undefined,
  how: string,
): Promise<Weights> {
  const { mtimeMs: saved } = await stat(checkpoint.path);
  return { checkpoint, ...(run && { run }), how, saved };
}

/** The best or the last state in a run's folder; if that file is missing or damaged, another valid one. Reports damaged files. */
export async function stateOf(
  folder: string,
  wanted: Exclude<CheckpointKind, 'before-divergence'>,
  streams: Streams,
): Promise<Checkpoint | undefined> {
  const best = wanted === 'best' && (await kindOf(join(folder, checkpointNames.best))) === 'file';
  const { checkpoint, rejected } = await newestValid(folder, checkpointNames[best ? 'best' : 'last']);
  for (const { error } of rejected)
    streams.note(renderDiagnostics(error.diagnostics, { color: streams.color }));
  return checkpoint;
}

/** The tensors of a checkpoint, for uses without a running model. @throws DiagnosticError when it is of another model */
export function tensorsOf(
  { path, state }: Checkpoint,
  specification: ModelSpecification,
): ReadonlyMap<string, Float32Array> {
  try {
    return readModelFile(specification, state).tensors;
  } catch (error) {
    if (error instanceof ModelFileError)
      fail('checkpoint.model', undefined, { path, difference: error.message });
    if (error instanceof SafetensorsError)
      fail('checkpoint.invalid', undefined, { path, reason: error.message });
    throw error;
  }
}

/** The preprocessing of examples; undefined if the checkpoint has none. */
export function preprocessingOf({ path, training }: Checkpoint): Preprocessing | undefined {
  if (training.preprocessing === null) return undefined;
  return (
    parsePreprocessing(training.preprocessing) ??
    fail('checkpoint.invalid', undefined, { path, reason: 'its preprocessing is not one that is known' })
  );
}
