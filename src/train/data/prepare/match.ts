// Matches a source's fields with a model's ports before anything runs: by name if every port has a field of its name, else in order. A
// matched field fits its port: equally many elements per example, labels and token ids in range. An error names both sides.
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Port } from '../../../runtime/specification.ts';
import { elementCount, showShape } from '../../../runtime/tensor.ts';
import { exampleShape, type RawData, type RawField, type RawPart } from './raw-data.ts';

export interface Match {
  readonly port: Port;
  readonly field: RawField;
}

/** @param source the data set's name, for messages */
export function matchPorts(
  source: string,
  data: RawData,
  inputs: readonly Port[],
  targets: readonly Port[],
): readonly Match[] {
  const matches = [
    ...matchRole(source, 'input', data, inputs),
    ...matchRole(source, 'target', data, targets),
  ];
  for (const match of matches) {
    checkKind(source, match);
    checkValues(match, data.train);
    if (data.validation) checkValues(match, data.validation);
    if (typeof data.test === 'object') checkValues(match, data.test);
  }
  return matches;
}

function matchRole(source: string, role: RawField['role'], data: RawData, ports: readonly Port[]): Match[] {
  const fields = data.fields.filter((field) => field.role === role);
  const byName = new Map(fields.map((field) => [field.name, field]));
  const named = ports.every((port) => byName.has(port.name));
  return ports.map((port, i) => {
    const field = named ? byName.get(port.name) : fields.length === ports.length ? fields[i] : undefined;
    if (field) return { port, field };
    const given =
      fields.length === 0 ? `no ${role}` : fields.map((f) => `${f.name} ${describeField(f)}`).join(', ');
    const help = `The model has ${ports.length} ${role}s, and ${source} gives ${fields.length}.`;
    return fail('data.port', undefined, {
      role,
      port: port.name,
      expected: describeWanted(port),
      source,
      given,
      help,
    });
  });
}

function checkKind(source: string, { port, field }: Match): void {
  const sizes = elementCount(port.shape) === elementCount(exampleShape(field));
  const fits =
    port.kind !== 'real'
      ? sizes && field.kind !== 'image'
      : field.kind === 'class'
        ? port.shape.length === 1 &&
          port.shape[0] === field.classes &&
          elementCount(exampleShape(field)) === 1
        : sizes;
  const covers =
    port.kind !== 'class' || field.classes === undefined || field.classes <= (port.limit ?? Infinity);
  if (fits && covers) return;
  const given = describeField(field);
  const help = helpFor({ port, field });
  fail('data.port', undefined, {
    role: field.role,
    port: port.name,
    expected: describeWanted(port),
    source,
    given,
    help,
  });
}

function helpFor({ port, field }: Match): string {
  const shape = exampleShape(field);
  if (field.kind === 'class') {
    const several = shape.length > 0 ? showShape(shape) : '';
    const wanted = `class(${field.classes ?? 'K'})${several}`;
    return `Write \`${field.role} ${port.name}: ${wanted}\`.`;
  }
  if (port.kind === 'real')
    return `Write \`${field.role} ${port.name}: ${showShape(shape)}\`; any shape of as many elements will do.`;
  return 'Whole numbers are wanted there.';
}

/** Labels and token ids must be integers below their limit. */
function checkValues({ port, field }: Match, part: RawPart): void {
  const limit = Math.min(
    field.classes ?? Infinity,
    port.kind === 'real' ? Infinity : (port.limit ?? Infinity),
  );
  if (port.kind === 'real' && field.kind !== 'class') return;
  const { values, path } = part.fields.get(field.name) ?? { values: [], path: '' };
  const size = elementCount(field.shape);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (value >= 0 && value < limit && Number.isInteger(value)) continue;
    // a missing cell that is imputed later
    if (field.fill && Number.isNaN(value)) continue;
    const expected = limit === Infinity ? 'whole numbers from 0' : `whole numbers from 0 to ${limit - 1}`;
    fail('data.label', undefined, { path, example: Math.floor(i / size) + 1, label: value, expected });
  }
}

function describeWanted({ kind, shape, limit }: Port): string {
  const range = limit === undefined ? '' : `(${limit})`;
  if (kind === 'class') return `class${range}`;
  return kind === 'int' ? `int${range}${showShape(shape)}` : showShape(shape);
}

function describeField(field: RawField): string {
  const { kind, classes } = field;
  const shape = exampleShape(field);
  if (kind !== 'class') return showShape(shape);
  const each = classes === undefined ? 'a class' : `a class of ${classes}`;
  return shape.length > 0 ? `${each} in each of ${showShape(shape)}` : each;
}
