// The input file of `nnc grad`, and its output. `bindGradFile` returns values that match the model: every input and target is present,
// and every name is the model's.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import { elementCount, namedRecord, showShape } from '../../../runtime/tensor.ts';
import { describeJson, entriesOf, flatten, nest, type NestedNumbers } from '../../nested-json.ts';
import { helpWith } from '../../suggestion.ts';

export interface GradFile {
  /** As messages show it. */
  readonly path: string;
  /** Inputs and targets by name. */
  readonly inputs: ReadonlyMap<string, unknown>;
  readonly params: ReadonlyMap<string, unknown>;
  /** The common batch size of all inputs. */
  readonly batch: number;
}

const form = 'It looks like {"inputs": {"x": [[1, 2], [3, 4]]}, "params": {"linear_1.W": [[1, 2]]}}.';

export function readGradFile(file: string, bytes: Uint8Array): GradFile {
  const path = printable(file);
  const content = entriesOf(parseJson(path, bytes), { path, name: 'the file' }, form);
  const sections = ['inputs', 'targets', 'params'];
  for (const name of content.keys())
    if (!sections.includes(name))
      fail('json.form', undefined, {
        path,
        place: 'the file',
        expected: `an object of ${sections.join(', ')}`,
        found: `one with ${JSON.stringify(name)}`,
        help: form,
      });
  const section = (name: string) => entriesOf(content.get(name) ?? {}, { path, name }, form);
  const inputs = new Map([...section('inputs'), ...section('targets')]);
  return { path, inputs, params: section('params'), batch: batchOf(path, inputs) };
}

function parseJson(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return fail('json.invalid', undefined, {
      path,
      reason: printable(error instanceof Error ? error.message : String(error)),
    });
  }
}

function batchOf(path: string, inputs: ReadonlyMap<string, unknown>): number {
  let first: { readonly name: string; readonly batch: number } | undefined;
  for (const [name, value] of inputs) {
    const place = `inputs.${printable(name)}`;
    const help = 'Every input and target is a list with one entry an example.';
    if (!Array.isArray(value) || value.length === 0)
      return fail('json.form', undefined, {
        path,
        place,
        expected: 'a list of examples',
        found: describeJson(value),
        help,
      });
    first ??= { name, batch: value.length };
    if (value.length !== first.batch) {
      const expected = `a list of ${first.batch} examples, like ${printable(first.name)}`;
      fail('json.form', undefined, { path, place, expected, found: describeJson(value), help });
    }
  }
  return (
    first?.batch ??
    fail('json.form', undefined, {
      path,
      place: 'inputs',
      expected: 'an object of inputs',
      found: 'empty',
      help: form,
    })
  );
}

export interface BoundNumbers {
  /** Every input and target, by name. */
  readonly inputs: ReadonlyMap<string, Float64Array>;
  /** The stored tensors given, by path. */
  readonly stored: ReadonlyMap<string, Float64Array>;
}

/** Matches the file's numbers with the model. */
export function bindGradFile(given: GradFile, specification: ModelSpecification): BoundNumbers {
  const { path, batch } = given;
  const ports = [...specification.inputs, ...specification.targets];
  checkNames(
    path,
    'input',
    given.inputs,
    ports.map((port) => port.name),
  );
  const settable = specification.stored.filter(
    ({ storage }) => storage === 'parameter' || storage === 'buffer',
  );
  checkNames(
    path,
    'parameter',
    given.params,
    settable.map((tensor) => tensor.path),
  );

  const inputs = ports.map((port) => {
    const shape = [batch, ...port.shape];
    if (!given.inputs.has(port.name))
      fail('json.missing', undefined, { path, name: port.name, shape: showShape(shape) });
    const place = { path, name: `inputs.${port.name}` };
    return [port.name, flatten(given.inputs.get(port.name), shape, place, port)] as const;
  });
  const stored = settable.flatMap((tensor): (readonly [string, Float64Array])[] => {
    if (!given.params.has(tensor.path)) return [];
    return [
      [
        tensor.path,
        flatten(given.params.get(tensor.path), tensor.shape, { path, name: `params.${tensor.path}` }),
      ],
    ];
  });
  return { inputs: new Map(inputs), stored: new Map(stored) };
}

function checkNames(
  path: string,
  kind: string,
  given: ReadonlyMap<string, unknown>,
  known: readonly string[],
): void {
  for (const name of given.keys()) {
    if (known.includes(name)) continue;
    const help = helpWith(name, known, known.length > 0 ? `It has ${known.join(', ')}.` : 'It has none.');
    fail('json.unknown', undefined, { path, kind, name: JSON.stringify(name), help });
  }
}

export interface FlatTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface GradResult {
  readonly loss: number;
  readonly outputs: ReadonlyMap<string, FlatTensor>;
  readonly params: ReadonlyMap<string, FlatTensor>;
  readonly inputs: ReadonlyMap<string, FlatTensor>;
}

/** One line of JSON, and the count of numbers that JSON cannot represent. */
export function showGradient(result: GradResult): { readonly text: string; readonly lost: number } {
  let lost = Number.isFinite(result.loss) ? 0 : 1;
  const nested = (tensors: ReadonlyMap<string, FlatTensor>): { readonly [name: string]: NestedNumbers } =>
    namedRecord(
      [...tensors].map(([name, { data, shape }]) => {
        for (let i = 0; i < elementCount(shape); i++) if (!Number.isFinite(data[i])) lost++;
        return [name, nest(data, shape)];
      }),
    );
  const shown = {
    loss: result.loss,
    outputs: nested(result.outputs),
    gradients: { params: nested(result.params), inputs: nested(result.inputs) },
  };
  return { text: printableJson(shown), lost };
}
