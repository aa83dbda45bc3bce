// `nnc init`: drafts a model for what there is, checks it against the data as `nnc check --data` does, and writes it.
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { compile } from '../../../compile.ts';
import { DiagnosticError, fail } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { makeFolder } from '../../../driver/make-folder.ts';
import { format } from '../../../parser/format.ts';
import { failMissing, findAnywhere, formOf } from '../../../train/data/inspect/inspect-data.ts';
import type { FoundPath } from '../../../train/data/sources/paths.ts';
import { exitCodes } from '../../failure.ts';
import type { Streams } from '../../streams.ts';
import { writeWhole } from '../../write-products.ts';
import { checkData } from '../check/check-data.ts';
import { draftForArrays } from './arrays.ts';
import { nameLike, textOf, type Draft } from './draft.ts';
import { draftForPictures } from './pictures.ts';
import { terminalAsk, type Ask } from './questions.ts';
import { draftForTable } from './table.ts';
import { templateNames, type TemplateName } from './template-names.ts';
import { templates } from './templates.ts';

export interface InitOptions {
  readonly target: string | undefined;
  readonly template: TemplateName | undefined;
  readonly out: string | undefined;
  readonly force: boolean;
}

/** @param ask by default on a terminal; undefined where nobody answers */
export async function initialize(
  data: string | undefined,
  options: InitOptions,
  streams: Streams,
  ask: Ask | undefined = terminalAsk(),
): Promise<number> {
  const { template } = options;
  if (data !== undefined && template !== undefined) fail('init.both', undefined, {});
  if (data !== undefined) return initializeFor(data, options, streams, ask);
  const chosen = template ?? (await askForStart(ask));
  const name = templateNames.find((each) => each === chosen);
  return name === undefined
    ? initializeFor(chosen, options, streams, ask)
    : initializeTemplate(name, options, streams);
}

async function askForStart(ask: Ask | undefined): Promise<string> {
  if (!ask) fail('init.nothing', undefined, { template: templateNames.join('|') });
  const question = `What is there to learn from: a CSV, Parquet or .npz file, a folder of pictures; or a template (${templateNames.join(', ')})?`;
  return ask(question, templateNames[0]);
}

async function initializeTemplate(
  name: TemplateName,
  options: InitOptions,
  streams: Streams,
): Promise<number> {
  const { name: base, content } = templates[name];
  const out = options.out ?? `${base}.nn`;
  if (content.kind === 'text') {
    await refuseExisting(out, options.force);
    await write(out, content.text);
    tell(streams, { out, assumed: [], dataRoot: undefined, what: 'Handwritten digits, from MNIST' });
    return exitCodes.done;
  }
  const folder = dirname(out);
  const what = join(folder, content.what);
  for (const path of [out, what]) await refuseExisting(path, options.force);
  for (const [path, bytes] of content.files()) {
    await makeFolder(dirname(join(folder, path)));
    await writeWhole(join(folder, path), bytes);
  }
  streams.result(`wrote ${printable(what)}, an example of data`);
  const target = options.target ?? content.target;
  return initializeFor(what, { ...options, out, target, force: true }, streams, undefined);
}

async function initializeFor(
  data: string,
  options: InitOptions,
  streams: Streams,
  ask: Ask | undefined,
): Promise<number> {
  const found =
    (await findAnywhere(data, { folder: process.cwd() })) ?? failMissing(data, { folder: process.cwd() });
  const base = nameLike(basename(found.real, found.isFolder ? '' : extname(found.real)), 'model');
  const out = options.out ?? `${base}.nn`;
  await refuseExisting(out, options.force);
  const place = await placeOfData(found, out);
  const draft = await draftFor(found, place.file, options.target, ask);
  const source = choose(draft, base, out);
  await requireData(source, place.dataRoot);
  await write(out, source.text);
  tell(streams, { out, assumed: draft.assumed, dataRoot: place.dataRoot, what: draft.about[0] ?? '' });
  return exitCodes.done;
}

async function draftFor(
  found: FoundPath,
  file: string,
  target: string | undefined,
  ask: Ask | undefined,
): Promise<Draft> {
  if (found.isFolder) return draftForPictures(found, file);
  const form = await formOf(found);
  if (form === 'npz') return draftForArrays(found, target, file);
  if (form === 'csv' || form === 'parquet') return draftForTable(found, form, { target, ask, file });
  return fail('init.data', undefined, {
    path: found.shown,
    reason: `a file of ${form.toUpperCase()} holds one array, and a model needs inputs and targets`,
    help:
      form === 'npy'
        ? 'Save both into one file: np.savez("data.npz", x = …, y = …).'
        : 'Write `idx(images = "…", labels = "…")` behind `data` in a model from `nnc init --template digits`.',
  });
}

/** How the `.nn` file calls the data; below --data-root where that is not below its folder. */
async function placeOfData(
  found: FoundPath,
  out: string,
): Promise<{ readonly file: string; readonly dataRoot: string | undefined }> {
  const folder = await realpath(dirname(out)).catch(() => resolve(dirname(out)));
  const below = relative(folder, found.real);
  if (!below.startsWith('..') && resolve(folder, below) === found.real && below !== '')
    return { file: below.split(sep).join('/'), dataRoot: undefined };
  const root = relative(process.cwd(), dirname(found.real));
  return { file: basename(found.real), dataRoot: root === '' ? '.' : root };
}

/** The model with names that the language takes: those of the data, or else others. */
function choose(draft: Draft, base: string, out: string): Source {
  const model = base.replace(/(?:^|_)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const { target } = draft;
  let failed: unknown;
  for (const name of new Set([target.name, `${target.name}_`, 'y'])) {
    for (const title of [model, `${model}Model`]) {
      const text = textOf({ ...draft, target: { ...target, name } }, title);
      try {
        const source = { path: out, text: format({ path: out, text, library: false }), library: false };
        compile(source, { programs: [] });
        return source;
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        failed ??= error;
      }
    }
  }
  throw failed;
}

/** What is written for data must take it. */
async function requireData(source: Source, dataRoot: string | undefined): Promise<void> {
  const found = await checkData(source, { ...(dataRoot !== undefined && { dataRoot }) });
  if ('diagnostics' in found) throw new DiagnosticError(found.diagnostics);
}

async function refuseExisting(path: string, force: boolean): Promise<void> {
  if (force) return;
  const found = await lstat(path).catch(() => undefined);
  if (found) fail('init.exists', undefined, { path: printable(path) });
}

async function write(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await writeWhole(path, Buffer.from(text));
}

interface Told {
  readonly out: string;
  readonly what: string;
  readonly assumed: readonly string[];
  readonly dataRoot: string | undefined;
}

function tell(streams: Streams, { out, what, assumed, dataRoot }: Told): void {
  const file = quoteWord(out);
  const root = dataRoot === undefined ? '' : ` --data-root ${quoteWord(dataRoot)}`;
  streams.result(
    [
      `wrote ${printable(out)}: ${printable(what)}`,
      ...(assumed.length > 0 ? ['assumed:', ...assumed.map((line) => `  ${printable(line)}`)] : []),
      'next:',
      `  nnc train ${file}${root}`,
      `  nnc eval ${file}${root}`,
    ].join('\n'),
  );
}

/** As a shell takes it. */
function quoteWord(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", `'\\''`)}'`;
}
