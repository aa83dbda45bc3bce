// A model for the arrays of an .npz file, whose names are those of the model's input and target.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { archiveArrays } from '../../../train/data/inspect/inspect-data.ts';
import type { DataArray } from '../../../train/data/prepare/raw-data.ts';
import type { FoundPath } from '../../../train/data/sources/paths.ts';
import { convolutionalNet, denseNet, least, quoted, trainingOf, type Draft } from './draft.ts';

type Named = readonly [name: string, array: DataArray];

const targetNames = /^(?:y|target|targets|label|labels|class|classes|digit)$/i;

/** @param file how the `.nn` file calls it */
export async function draftForArrays(
  found: FoundPath,
  wish: string | undefined,
  file: string,
): Promise<Draft> {
  const arrays = await archiveArrays(found);
  const names = arrays.map(([name]) => name);
  const refuse = (reason: string, help: string): never =>
    fail('init.data', undefined, { path: found.shown, reason, help });
  const all = `It has ${names.join(', ') || 'none'}.`;
  const assumed: string[] = [];
  const target = arrays.find(([name]) => (wish === undefined ? targetNames.test(name) : name === wish));
  if (!target)
    return refuse(
      wish === undefined ? 'none of its arrays is called as targets are' : `it has no array ${wish}`,
      `${all} Name what is to be predicted with --target.`,
    );
  if (wish === undefined) assumed.push(`${target[0]} is to be predicted (--target names another array)`);
  const count = target[1].shape[0] ?? 0;
  const [input, ...others] = arrays
    .filter((each) => each !== target && each[1].shape[0] === count)
    .sort((a, b) => b[1].values.length - a[1].values.length);
  if (!input) return refuse(`beside ${target[0]} it has no array of ${count} examples`, all);
  for (const [name] of others) assumed.push(`${name} is left out: the model has one input, ${input[0]}`);
  for (const [name] of [input, target])
    if (!/^[A-Za-z_]\w*$/.test(name))
      refuse(
        `the array ${name} is called by no name of the language`,
        'A name has letters, digits and _; save the array under one.',
      );
  return draftOf(input, target, file, assumed);
}

function draftOf(input: Named, target: Named, file: string, assumed: readonly string[]): Draft {
  const [name, { shape, values }] = target;
  const [count = 0, ...own] = shape;
  const classes = own.length === 0 ? classCount(values) : undefined;
  const outputs = own.reduce((product, size) => product * size, 1);
  const shown = own.length === 0 ? '[1]' : `[${own.join(', ')}]`;
  const aside = count >= least;
  const inner = input[1].shape.slice(1);
  const net = netOf(inner, classes ?? outputs, count);
  return {
    about: [`Predicts ${name} from ${input[0]}: ${count} examples of ${file}.`],
    inputs: [{ name: input[0], type: inner.length === 0 ? '[1]' : `[${inner.join(', ')}]` }],
    target: {
      name,
      type: classes === undefined ? shown : `class(${classes})`,
      remark: classes === undefined ? 'numbers' : `whole numbers from 0 to ${classes - 1}`,
    },
    net: classes === undefined && own.length > 1 ? [...net, `Reshape(${shown})`] : net,
    loss: classes === undefined ? 'MSE' : 'CrossEntropy',
    metrics: classes === undefined ? 'mean_absolute_error' : 'accuracy',
    data: {
      remarks: aside ? ['A fifth of the examples is kept for the test.'] : [],
      text: `npz(${[quoted(file), ...(aside ? ['test = 0.2'] : []), 'normalize = true'].join(', ')})`,
    },
    train: trainingOf({ examples: count, trained: Math.floor(count * (aside ? 0.72 : 1)) }, 1000, false),
    assumed: [
      ...assumed,
      ...(classes === undefined ? [] : [`the whole numbers of ${name} are classes, and not amounts`]),
    ],
  };
}

/** The number of classes where the values are whole numbers from 0 that leave few out; else undefined. */
function classCount(values: ArrayLike<number>): number | undefined {
  const distinct = new Set<number>();
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!Number.isInteger(value) || value < 0 || value > 999) return undefined;
    distinct.add(value);
    largest = Math.max(largest, value);
  }
  const isFew = distinct.size >= 2 && values.length >= 2 * distinct.size;
  return isFew && largest + 1 <= 2 * distinct.size ? largest + 1 : undefined;
}

function netOf(shape: readonly number[], outputs: number, examples: number): readonly string[] {
  const [height = 0, width = 0] = shape.slice(-2);
  const isPicture = Math.min(height, width) >= 8;
  if (isPicture && shape.length === 3 && (shape[0] ?? 0) <= 4)
    return convolutionalNet(height, width, outputs);
  if (isPicture && shape.length === 2)
    return [`Reshape([1, ${height}, ${width}])`, ...convolutionalNet(height, width, outputs)];
  return [...(shape.length > 1 ? ['Flatten'] : []), ...denseNet(outputs, examples)];
}
