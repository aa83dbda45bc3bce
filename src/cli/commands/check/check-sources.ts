// `nnc check` of each file: every model is elaborated, no code is generated. All diagnostics are shown, those common to several models
// once. Data is read with --data alone; otherwise it is said that nobody looked at it.
import { compile, type CompileOptions } from '../../../compile.ts';
import { drawPoint } from '../../../check/draw-point.ts';
import {
  checkModelInverse,
  checkStatedInverses,
  roundTripTolerance,
  type RoundTrip,
} from '../../../check/round-trip.ts';
import { diagnostic, DiagnosticError, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import { renderDiagnostics } from '../../../diagnostics/render.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { Streams } from '../../streams.ts';
import { checkData } from './check-data.ts';

type CheckOptions = Pick<CompileOptions, 'batch' | 'overrides'> & {
  /** Whether the model must be invertible. */
  readonly inverse?: boolean;
  /** Whether to read the data that models name, also below `dataRoot`. */
  readonly data?: boolean;
  readonly dataRoot?: string;
};

interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly trips: readonly RoundTrip[];
  /** The models without mistakes that name data; undefined: the only one. */
  readonly trained: readonly (string | undefined)[];
}

/** Returns the number of errors in all files. */
export async function checkSources(
  sources: readonly Source[],
  options: CheckOptions,
  streams: Streams,
): Promise<number> {
  let total = 0;
  for (const source of sources) {
    const { diagnostics, trips, trained } = checkSource(source, options);
    const read = options.data ? await readData(source, options, trained) : { diagnostics: [], lines: [] };
    const found = [...diagnostics, ...read.diagnostics];
    const errors = found.filter(({ severity }) => severity === 'error').length;
    total += errors;
    if (found.length > 0) streams.note(`${renderDiagnostics(found, { color: streams.color })}\n`);
    const unread =
      trained.length > 0 && !options.data ? '; its data was not looked at (--data reads it)' : '';
    if (errors === 0) streams.result(`${printable(source.path)}: no mistakes${unread}`);
    for (const line of read.lines) streams.result(`  ${printable(line)}`);
    for (const { path, error } of errors === 0 ? trips : [])
      streams.result(
        `  the inverse of ${path} gives its input back: off by ${error.toExponential(1)} at most`,
      );
  }
  if (total > 0) streams.note(total === 1 ? '1 error' : `${total} errors`);
  return total;
}

async function readData(
  source: Source,
  { batch, overrides, dataRoot }: CheckOptions,
  models: Findings['trained'],
): Promise<{ readonly diagnostics: readonly Diagnostic[]; readonly lines: readonly string[] }> {
  const diagnostics: Diagnostic[] = [];
  const lines: string[] = [];
  for (const model of models) {
    const found = await checkData(source, {
      ...(model !== undefined && { model }),
      ...(batch !== undefined && { batch }),
      ...(overrides !== undefined && { overrides }),
      ...(dataRoot !== undefined && { dataRoot }),
    });
    if ('diagnostics' in found) diagnostics.push(...found.diagnostics);
    else {
      diagnostics.push(...found.warnings);
      lines.push(model === undefined ? found.description : `${model}: ${found.description}`);
    }
  }
  return { diagnostics, lines };
}

function checkSource(source: Source, options: CheckOptions): Findings {
  const found = findings(source, options);
  const whole = found.diagnostics;
  const [only] = whole;
  // a file with only layers is checked as far as possible without a model
  if (whole.length === 1 && only?.code === 'model.none') return { diagnostics: [], trips: [], trained: [] };
  if (whole.length !== 1 || only?.code !== 'model.several') return found;
  const { known } = only.args as { readonly known: string };
  const all = known.split(', ').map((model) => findings(source, { ...options, model }));
  const different = new Map(
    all.flatMap(({ diagnostics }) => diagnostics.map((each) => [identity(each), each])),
  );
  return {
    diagnostics: [...different.values()],
    trips: all.flatMap(({ trips }) => trips),
    trained: all.flatMap(({ trained }) => trained),
  };
}

function findings(source: Source, options: CheckOptions & { readonly model?: string }): Findings {
  const { inverse, batch, overrides, model } = options;
  const compiled = {
    ...(batch !== undefined && { batch }),
    ...(overrides !== undefined && { overrides }),
    ...(model !== undefined && { model }),
  };
  try {
    const { diagnostics, inverses, specification } = compile(source, { ...compiled, programs: [] });
    const trained = specification.data ? [model] : [];
    if (!inverses && !inverse) return { diagnostics, trips: [], trained };
    // runs in the interpreter, so that only a small batch is feasible
    const small = { batch: 2, ...compiled };
    const compilation = compile(source, { ...small, programs: inverse ? ['forward', 'inverse'] : [] });
    const point = drawPoint(compilation.specification, seed);
    const stated = compilation.inverses;
    const trips = [
      ...(stated ? checkStatedInverses(stated.graph, stated.records, point) : []),
      ...(inverse ? [checkModelInverse(compilation, seed)] : []),
    ];
    const wrong = trips.filter(({ error }) => !(error <= roundTripTolerance));
    return { diagnostics: [...diagnostics, ...wrong.map(explainTrip)], trips, trained };
  } catch (error) {
    if (error instanceof DiagnosticError) return { diagnostics: error.diagnostics, trips: [], trained: [] };
    throw error;
  }
}

const seed = 1;

function explainTrip({ path, error, record }: RoundTrip): Diagnostic {
  const shown = Number.isFinite(error) ? error.toPrecision(3) : 'more than can be told';
  return diagnostic('inverse.wrong', record?.span, {
    owner: record?.layer ?? path,
    path: path === '' ? 'it' : path,
    error: shown,
  });
}

function identity({ code, span, args }: Diagnostic): string {
  return JSON.stringify([code, span?.source.path, span?.start, span?.end, args]);
}
