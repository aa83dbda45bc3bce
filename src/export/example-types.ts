// TypeScript's types of a model's raw examples and predictions, for the declarations of exported modules: columns, vocabularies and
// classes by their names.
import { printComment, printKey, printString } from '../codegen/names.ts';
import { tableOf, type ColumnForm, type InputForm, type TableForm } from '../runtime/preparation/form.ts';
import type { PreparedInput } from '../runtime/preparation/prepare.ts';
import type { Presentation } from '../runtime/preparation/present.ts';
import type { ModelSpecification } from '../runtime/specification.ts';
import { showShape } from '../runtime/tensor.ts';

/** A union of more names than this is no help to anyone. */
const mostNames = 200;

const numbersType = `/** Numbers in row-major order, flat or nested; pixels go from 0 to 255. */
export type Numbers = ArrayLike<number> | readonly Numbers[];`;

const pictureType = `/** Samples from 0 to 255, those of a pixel side by side: an ImageData is one. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}`;

/** Declares `Example` and what it is made of: `Row` where inputs are columns of a table. */
export function exampleTypes(inputs: readonly PreparedInput[]): string {
  const tables = inputs.flatMap(({ form }) => tableOf(form) ?? []);
  const named = inputs
    .map(({ port, form }) => `readonly ${printKey(port.name)}: ${typeOf(form, tables)}`)
    .join('; ');
  const [only] = inputs;
  const single = inputs.length === 1 && only ? [typeOf(only.form, tables)] : [];
  const isRow = inputs.length > 1 && inputs.every(({ form }) => form.kind === 'table');
  const rows = isRow ? ['Row'] : [];
  return [
    numbersType,
    ...(inputs.some(({ form }) => form.kind === 'image' || form.kind === 'array') ? [pictureType] : []),
    ...(tables.length > 0 ? [cellType, rowType(tables)] : []),
    `/** What the model is given: ${inputs.length === 1 ? 'its input, or its input by name' : 'its inputs by their names'}. */\nexport type Example = ${[...rows, ...single, `{ ${named} }`].join(' | ')};`,
  ].join('\n\n');
}

const cellType = `/** A cell of a row; null or an empty text if it is empty. */
export type Cell = string | number | boolean | null;`;

function typeOf(form: InputForm, tables: readonly TableForm[]): string {
  switch (form.kind) {
    case 'image':
      return 'Numbers | Picture';
    case 'array':
      return 'number | Numbers | Picture';
    case 'table':
      return ownRow(form, tables);
    case 'series':
      return form.row.kind === 'table' ? `readonly (${ownRow(form.row, tables)} | Cell)[]` : 'Numbers';
  }
}

/** One of several tables has some of a row's columns. */
function ownRow({ columns }: TableForm, tables: readonly TableForm[]): string {
  if (tables.length === 1) return 'Row | readonly Cell[]';
  const names = columns.map(({ name }) => printString(name)).join(' | ');
  return `Pick<Row, ${names}> | readonly Cell[]`;
}

function rowType(tables: readonly TableForm[]): string {
  const columns = new Map(
    tables.flatMap((table) => table.columns.map((column) => [column.name, column] as const)),
  );
  const others = new Set(tables.flatMap((table) => table.others ?? []).filter((name) => !columns.has(name)));
  const lines = [
    ...[...columns.values()].map((column) => `  readonly ${propertyKey(column.name)}: ${cellOf(column)};`),
    ...[...others].map((name) => `  /** Not read. */\n  readonly ${propertyKey(name)}?: Cell;`),
  ];
  return `/** A row of the table: a column that is missing or unknown is an error. */\nexport interface Row {\n${lines.join('\n')}\n}`;
}

/** In a type, a computed key is no key, and a quoted one no prototype. */
const propertyKey = (name: string) => (name === '__proto__' ? `'__proto__'` : printKey(name));

function cellOf(column: ColumnForm): string {
  if (column.kind === 'date') return 'string';
  const empty = column.missing === undefined ? '' : ` | null | ''`;
  if (column.kind === 'number')
    return column.missing === undefined ? 'number | string' : 'number | string | null';
  return `${unionOf(column.vocabulary)}${empty}`;
}

function unionOf(names: readonly string[]): string {
  return names.length === 0 || names.length > mostNames
    ? 'string'
    : [...new Set(names)].map(printString).join(' | ');
}

/** Declares `ClassName` where there are classes, and `Prediction`. */
export function predictionTypes({ outputs }: ModelSpecification, { classes, numbers }: Presentation): string {
  const own = outputs.map(
    ({ name, shape }) => `    /** ${showShape(shape)} */\n    readonly ${propertyKey(name)}: Float32Array;`,
  );
  const values = numbers.flatMap(({ columns }) => columns);
  const fields = [
    ...(classes
      ? [
          '  /** The most probable class, what it is called, and the probability of each. */',
          '  readonly class: number;',
          ...(classes.names ? ['  readonly name: ClassName;'] : []),
          '  readonly probabilities: Float64Array;',
        ]
      : []),
    ...(values.length > 0
      ? [
          "  /** Predicted numbers, by the table's columns. */",
          `  readonly values: { ${values.map((name) => `readonly ${propertyKey(name)}: number`).join('; ')} };`,
        ]
      : []),
    `  /** In row-major order. */\n  readonly outputs: {\n${own.join('\n')}\n  };`,
  ];
  const classType = classes?.names
    ? [
        `/** What the classes of ${printComment(classes.target)} are called. */\nexport type ClassName = ${unionOf(classes.names ?? [])};`,
      ]
    : [];
  return [...classType, `export interface Prediction {\n${fields.join('\n')}\n}`].join('\n\n');
}
