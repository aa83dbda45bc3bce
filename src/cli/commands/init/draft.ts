// A model before it is written: its parts as text, and what was assumed on the way. The layout is the formatter's.
import { printable } from '../../../diagnostics/printable.ts';

export interface Draft {
  /** What the file is about, a sentence or two. */
  readonly about: readonly string[];
  readonly inputs: readonly PortDraft[];
  readonly target: PortDraft;
  /** The chain, a line each. */
  readonly net: readonly string[];
  readonly loss: string;
  readonly metrics: string;
  /** `csv("trees.csv", …)`, with remarks above it. */
  readonly data: { readonly remarks: readonly string[]; readonly text: string };
  readonly train: TrainDraft;
  /** What was assumed, for people who may know better. */
  readonly assumed: readonly string[];
}

export interface PortDraft {
  readonly name: string;
  readonly type: string;
  readonly remark?: string;
}

export interface TrainDraft {
  readonly epochs: number;
  readonly batch: number;
  /** A share kept for validation; none where the data has a part for it. */
  readonly validation?: number;
}

export function textOf(draft: Draft, model: string): string {
  const { about, inputs, target, net, loss, metrics, data, train } = draft;
  const validation = train.validation === undefined ? '' : `  validation = ${train.validation}`;
  return [
    ...about.map(remark),
    `model ${model} {`,
    ...inputs.map((port) => portLine('input ', port)),
    portLine('target', target),
    '',
    '  net {',
    ...net.map((line) => `    ${line}`),
    '  }',
    '',
    `  loss      ${loss}`,
    '  optimizer Adam(lr = 3e-3)',
    '  schedule  Cosine',
    `  metrics   ${metrics}`,
    '',
    ...data.remarks.map((line) => `  ${remark(line)}`),
    `  data  ${data.text}`,
    `  train { epochs = ${train.epochs}  batch = ${train.batch}  seed = 1${validation} }`,
    '}',
    '',
  ].join('\n');
}

function portLine(role: string, { name, type, remark: text }: PortDraft): string {
  return `  ${role} ${name}: ${type}${text === undefined ? '' : `  ${remark(text)}`}`;
}

/** Texts of the data's may hold anything. */
function remark(text: string): string {
  return `// ${printable(text)}`;
}

/** A text of the language. */
export function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  const codes = escaped.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${codes}"`;
}

/** The first of them, for a remark. */
export function someOf(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** A name of the language like a text; `otherwise` where nothing of it can stand. */
export function nameLike(text: string, otherwise: string): string {
  const name = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  if (name === '') return otherwise;
  return /^\d/.test(name) ? `${otherwise}_${name}` : name;
}

export interface Sizes {
  /** Examples in all, and without those that are kept for validation and the test. */
  readonly examples: number;
  readonly trained: number;
}

/** How long to train, and how many at a time, so that there are about `steps` updates. */
export function trainingOf(sizes: Sizes, steps: number, hasValidation: boolean): TrainDraft {
  const { examples, trained } = sizes;
  const wished = examples < 200 ? 8 : examples < 2000 ? 16 : examples < 20_000 ? 64 : 128;
  const batch = Math.max(1, Math.min(wished, Math.floor(trained / 2)));
  const epochs = Math.ceil(steps / Math.max(1, Math.floor(trained / batch)));
  return {
    epochs: Math.min(200, Math.max(5, epochs)),
    batch,
    ...(!hasValidation && examples >= least && { validation: 0.1 }),
  };
}

/** Examples from which some are kept aside. */
export const least = 20;

/** The layers of a classifier or a regression for numbers. */
export function denseNet(outputs: number, examples: number): readonly string[] {
  const width = examples < 1000 ? 32 : 64;
  return [`Linear(${width})  ReLU`, `Linear(${width})  ReLU`, `Linear(${outputs})`];
}

/** The layers of a classifier or a regression for pictures [C, H, W]. */
export function convolutionalNet(height: number, width: number, outputs: number): readonly string[] {
  const blocks: string[] = [];
  const channels = [16, 32, 64];
  for (let side = Math.min(height, width); side >= 8 && blocks.length < channels.length; side = side >> 1) {
    const own = channels[blocks.length] ?? 64;
    blocks.push(`Conv2d(${own}, kernel = 3, padding = same)  BatchNorm  ReLU  MaxPool2d(2)`);
  }
  // too small to be halved
  const hidden = blocks.length === 0 ? ['Linear(32)  ReLU'] : [];
  return [...blocks, 'Flatten', ...hidden, `Linear(${outputs})`];
}
