// `nnc gradcheck`: compiles the gradient program for a small batch, checks it in the interpreter, compares the targets with that, and
// prints a table. A wrong gradient is shown in the text, at the tensor's declaration.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { checkGradients, type CheckedTensor, type GradientCheck } from '../../../check/check-gradients.ts';
import { drawPoint } from '../../../check/draw-point.ts';
import { absoluteTolerance, relativeTolerance } from '../../../check/differences.ts';
import { compile } from '../../../compile.ts';
import { diagnostic, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../../../diagnostics/render.ts';
import { positionAt, type Source } from '../../../diagnostics/source.ts';
import type { Graph } from '../../../ir/graph/type.ts';
import { scalarRow } from '../../../ir/scalar.ts';
import { elementCount, showShape } from '../../../runtime/tensor.ts';
import type { OptionValues } from '../../arguments.ts';
import { exitCodes } from '../../failure.ts';
import type { GradcheckOptions } from './options.ts';
import { compareTargets, type TargetCheck } from './targets.ts';
import { noteWarnings } from '../../warnings.ts';
import type { Streams } from '../../streams.ts';
import { showTable } from '../../table.ts';

export async function checkFile(
  source: Source,
  { targets, samples = 16, batch = 3, set, seed = 1, json, model }: OptionValues<GradcheckOptions>,
  streams: Streams,
): Promise<number> {
  const options = {
    batch,
    overrides: set,
    programs: ['gradient' as const],
    ...(model !== undefined && { model }),
  };
  const compilation = compile(source, options);
  noteWarnings(compilation, streams);
  const program = compilation.programs.get('gradient');
  if (!program) throw new Error('the compiler gave no gradient program');
  const point = drawPoint(compilation.specification, seed);
  const check = checkGradients(program, point, { seed, samples });
  const compared = targets ? await compareTargets(source, options, { point, seed, check }, streams) : [];

  const wrong = check.tensors.filter((tensor) => tensor.wrong);
  const failed = compared.filter(({ verdict }) => verdict === 'differs' || verdict === 'fails');
  if (json) streams.result(printableJson(describeCheck(check, compared)));
  else streams.result(showCheck(compilation.specification.name, { batch, seed, samples }, check, compared));
  for (const tensor of wrong)
    streams.note(renderDiagnostic(explain(tensor, program.graph), { color: streams.color }));
  return wrong.length > 0 || failed.length > 0 ? exitCodes.badInput : exitCodes.done;
}

/** `models/x.nn:9`, and the library's line if the tensor is declared there. */
function placeOf({ origin: { span, library } }: CheckedTensor): string {
  return [library, span]
    .flatMap((place) => {
      if (!place) return [];
      return [`${printable(place.source.path)}:${positionAt(place.source.text, place.start).line}`];
    })
    .reverse()
    .join(', ');
}

function showCheck(
  name: string,
  { batch, seed, samples }: { readonly batch: number; readonly seed: number; readonly samples: number },
  { tensors }: GradientCheck,
  compared: readonly TargetCheck[],
): string {
  const rows = tensors.map((tensor) => [
    tensor.name,
    showShape(tensor.shape),
    showChecked(tensor),
    showError(tensor.error),
    tensor.wrong ? 'WRONG' : tensor.checked === tensor.kinks ? 'at kinks' : 'ok',
    placeOf(tensor),
  ]);
  const sampled = tensors.some(({ checked, shape }) => checked < elementCount(shape));
  const kinks = tensors.reduce((sum, tensor) => sum + tensor.kinks, 0);
  const wrong = tensors.filter((tensor) => tensor.wrong).length;
  const verdict = wrong === 0 ? 'every gradient agrees' : `${wrong} of ${tensors.length} gradients are wrong`;
  return [
    `${name}: gradients against central differences in float64, batch ${batch}, seed ${seed}`,
    `(steps of 1e-4; tolerance ${relativeTolerance} of the value, or ${absoluteTolerance})`,
    '',
    showTable(['tensor', 'shape', 'checked', 'worst error', '', 'declared'], rows, [2, 3]),
    '',
    ...(sampled
      ? [
          `Of large tensors, at most ${samples === 1 ? 'one element was' : `${samples} elements were`} checked, chosen by the seed; fewer where a step is costly.`,
        ]
      : []),
    ...(tensors.some(({ together }) => together)
      ? ['Where a step takes long, one element of each tensor was moved, all at once: their error is one.']
      : []),
    ...(kinks > 0
      ? [
          `${kinks === 1 ? 'One element lies' : `${kinks} elements lie`} on a kink of the loss, where there is no slope to compare with.`,
        ]
      : []),
    ...(compared.length > 0 ? [...showTargets(compared), ''] : []),
    verdict,
  ].join('\n');
}

function showTargets(compared: readonly TargetCheck[]): string[] {
  const words = { agrees: 'agrees', differs: 'DIFFERS', fails: 'FAILS', absent: 'not here' };
  const rows = compared.map(({ target, verdict, error, at, reason }) => [
    target,
    words[verdict],
    error === undefined ? '' : showError(error),
    at ?? reason ?? '',
  ]);
  return ['', showTable(['target', '', 'worst error', 'at'], rows, [2])];
}

function showChecked({ checked, kinks, shape }: CheckedTensor): string {
  const all = elementCount(shape);
  const count = checked === all ? `all ${all}` : `${checked} of ${all}`;
  return kinks > 0 ? `${count}, ${kinks} at kinks` : count;
}

const showError = (error: number): string => (error === 0 ? '0' : error.toExponential(1));

function explain(tensor: CheckedTensor, graph: Graph): Diagnostic {
  const { name, wrong, origin, shape } = tensor;
  const stops = graph.nodes.filter(
    ({ operation }) => operation === 'stop_gradient' || scalarRow(operation)?.steps === true,
  );
  const related = [
    ...(origin.library ? [{ span: origin.library, message: 'declared here, in the standard library' }] : []),
    ...stops.flatMap(({ operation, origin: { span } }) =>
      span ? [{ span, message: `\`${operation}\` lets no gradient through` }] : [],
    ),
  ];
  return diagnostic(
    'gradient.differs',
    origin.span,
    {
      name,
      element: wrong ? showPosition(wrong.index, shape) : '',
      gradient: wrong?.gradient ?? NaN,
      difference: wrong?.difference ?? NaN,
    },
    { related },
  );
}

/** `[2, 0]` */
function showPosition(index: number, shape: readonly number[]): string {
  const position: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${position.join(', ')}]`;
}

function describeCheck({ loss, tensors }: GradientCheck, compared: readonly TargetCheck[]) {
  return {
    loss,
    tensors: tensors.map((tensor) => ({
      name: tensor.name,
      kind: tensor.kind,
      shape: tensor.shape,
      declared: placeOf(tensor),
      checked: tensor.checked,
      kinks: tensor.kinks,
      worst_error: tensor.error,
      agrees: tensor.wrong === undefined,
    })),
    targets: compared.map(({ target, verdict, error, at, reason }) => ({
      target,
      verdict,
      ...(error !== undefined && { worst_error: error }),
      ...(at !== undefined && { at }),
      ...(reason !== undefined && { reason }),
    })),
  };
}
