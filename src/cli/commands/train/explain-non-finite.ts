// Locates a non-finite value in the program's text, with its operands: the program is compiled again with the same options, and run value
// by value.
import { locateNonFinite, type NonFiniteOrigin } from '../../../check/locate-non-finite.ts';
import type { Culprit } from '../../../check/explain-value.ts';
import { compile, type CompileOptions } from '../../../compile.ts';
import { diagnostic, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { turnIfDue } from '../../../runtime/event-loop.ts';
import type { FailedProgram } from '../../../train/run/divergence.ts';

/** @param options of the failed program's compilation */
export async function explainNonFinite(
  source: Source,
  options: CompileOptions,
  { program, inputs, stored }: FailedProgram,
): Promise<Diagnostic | undefined> {
  const graph = compile(source, { ...options, programs: [program] }).programs.get(program)?.graph;
  const found = graph && (await locateNonFinite(graph, { inputs, stored }, turnIfDue));
  return found && describe(found);
}

function describe(found: NonFiniteOrigin): Diagnostic {
  const { name, origin, phase, leaf, culprit, count, elements } = found;
  const extent = elements === 1 ? '' : ` (${count} of ${elements} values)`;
  if (leaf) {
    const what = leaf === 'input' ? `the input \`${name}\`` : `\`${name}\``;
    return diagnostic('value.given', origin.span, { what, extent });
  }
  const { operation } = culprit ?? { operation: '' };
  const related = origin.library ? [{ span: origin.library, message: 'computed here' }] : [];
  return diagnostic(
    'value.not-finite',
    origin.span,
    {
      where: wheres[phase],
      what: culprit ? showCulprit(culprit) : `\`${name}\` is not finite`,
      extent,
      help:
        helps.get(operation) ?? 'Smaller parameters or inputs keep it within float32, which ends at 3.4e38.',
    },
    { related },
  );
}

const wheres = {
  forward: '',
  backward: 'in the gradient of this, ',
  update: 'in the update of a parameter, ',
};

const infixes = new Map([
  ['add', '+'],
  ['subtract', '-'],
  ['multiply', '*'],
  ['divide', '/'],
  ['power', '^'],
]);

function showCulprit({ operation, operands, result }: Culprit): string {
  const value = Number.isNaN(result) ? 'not a number' : result > 0 ? 'infinite' : 'minus infinity';
  const shown = operands.map(showOperand);
  const infix = infixes.get(operation);
  if (infix !== undefined && shown.length === 2) return `\`${shown.join(` ${infix} `)}\` is ${value}`;
  if (shown.length > 0) return `\`${operation}(${shown.join(', ')})\` is ${value}`;
  return operation === 'value' ? `a value is ${value}` : `a ${operation} is ${value}`;
}

function showOperand(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    return size < 1e6 || !Number.isFinite(value) ? String(value) : value.toExponential(3);
  }
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(3);
}

const helps = new Map([
  ['log', '`log` is defined for numbers above 0: add a small number, or take `log_softmax` of scores.'],
  ['log1p', '`log1p` is defined for numbers above −1.'],
  ['sqrt', '`sqrt` is defined for numbers from 0 on.'],
  ['exp', '`exp` leaves float32 above 88.7: subtract the largest first, as `softmax` does.'],
  [
    'divide',
    'A divisor of 0 needs a small number added to it; so does what stands under a root or in a logarithm.',
  ],
  ['power', 'A power of a number below 0, or of 0 with a negative exponent, is not defined.'],
]);
