// `nnc check` of each file: every model is elaborated, no code is generated. All diagnostics are shown, those common to several models
// once.
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

type CheckOptions = Pick<CompileOptions, 'batch' | 'overrides'> & {
  /** Whether the model must be invertible. */
  readonly inverse?: boolean;
};

interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly trips: readonly RoundTrip[];
}

/** Returns the number of errors in all files. */
export function checkSources(sources: readonly Source[], options: CheckOptions, streams: Streams): number {
  let total = 0;
  for (const source of sources) {
    const { diagnostics: found, trips } = checkSource(source, options);
    const errors = found.filter(({ severity }) => severity === 'error').length;
    total += errors;
    if (found.length > 0) streams.note(`${renderDiagnostics(found, { color: streams.color })}\n`);
    if (errors === 0) streams.result(`${printable(source.path)}: no mistakes`);
    for (const { path, error } of errors === 0 ? trips : [])
      streams.result(
        `  the inverse of ${path} gives its input back: off by ${error.toExponential(1)} at most`,
      );
  }
  if (total > 0) streams.note(total === 1 ? '1 error' : `${total} errors`);
  return total;
}

function checkSource(source: Source, options: CheckOptions): Findings {
  const found = findings(source, options);
  const whole = found.diagnostics;
  const [only] = whole;
  // a file with only layers is checked as far as possible without a model
  if (whole.length === 1 && only?.code === 'model.none') return { diagnostics: [], trips: [] };
  if (whole.length !== 1 || only?.code !== 'model.several') return found;
  const { known } = only.args as { readonly known: string };
  const all = known.split(', ').map((model) => findings(source, { ...options, model }));
  const different = new Map(
    all.flatMap(({ diagnostics }) => diagnostics.map((each) => [identity(each), each])),
  );
  return { diagnostics: [...different.values()], trips: all.flatMap(({ trips }) => trips) };
}

function findings(source: Source, options: CheckOptions & { readonly model?: string }): Findings {
  const { inverse, ...compiled } = options;
  try {
    const { diagnostics, inverses } = compile(source, { ...compiled, programs: [] });
    if (!inverses && !inverse) return { diagnostics, trips: [] };
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
    return { diagnostics: [...diagnostics, ...wrong.map(explainTrip)], trips };
  } catch (error) {
    if (error instanceof DiagnosticError) return { diagnostics: error.diagnostics, trips: [] };
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
