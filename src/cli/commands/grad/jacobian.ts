// `nnc grad --jacobian`: the derivatives of an output's elements with respect to an input's, for each example.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { jacobian } from '../../../check/jacobian.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { prepareInterpreter, type GradRequest } from './run.ts';
import { nest } from '../../nested-json.ts';
import { helpWith } from '../../suggestion.ts';

export interface JacobianWishes {
  readonly input: string | undefined;
  readonly output: string | undefined;
}

/** One line of JSON: `{"output": …, "input": …, "jacobian": [example][output's axes][input's axes]}`. */
export async function jacobianOf(request: GradRequest, wishes: JacobianWishes): Promise<string> {
  const { specification, program, bindings } = await prepareInterpreter(request, false);
  const inputs = specification.inputs.flatMap(({ name, kind }) => (kind === 'real' ? [name] : []));
  const outputs = specification.outputs.map(({ name }) => name);
  const input = choose('input', wishes.input, inputs);
  const output = choose('output', wishes.output, outputs);
  const { shape, data } = jacobian(program.graph, output, input, bindings);
  return printableJson({ output, input, jacobian: nest(data, shape) });
}

function choose(role: 'input' | 'output', wanted: string | undefined, known: readonly string[]): string {
  const [only, another] = known;
  const choices = known.join(', ');
  const option = `--${role}`;
  if (wanted !== undefined) {
    if (known.includes(wanted)) return wanted;
    const help = helpWith(wanted, known, known.length > 0 ? `There are ${choices}.` : 'There are none.');
    return fail('option.choice', undefined, { option, found: printable(JSON.stringify(wanted)), help });
  }
  if (only === undefined)
    return fail('usage.invalid', undefined, { reason: `the model has no real ${role}` });
  if (another === undefined) return only;
  const help = `Name one of them: ${choices}.`;
  return fail('option.choice', undefined, { option, found: 'nothing', help });
}
