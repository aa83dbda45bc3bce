// The words of other tools on the command line: commands and options by other names, and the line that was meant, to be typed instead.

const words = (text: string) => text.split(' ');

/** Commands, each with what other tools call it. */
const foreignCommands = new Map(
  (
    [
      ['train', words('fit run start learn')],
      ['eval', words('test evaluate score')],
      ['predict', words('infer inference classify forward')],
      ['compile', words('build make emit transpile codegen')],
      ['check', words('validate lint verify typecheck')],
      ['fmt', words('format prettier fix')],
      ['graph', words('plot draw view show diagram visualize')],
      ['summary', words('info describe params layers')],
      ['bench', words('benchmark profile perf time')],
      ['export', words('convert save onnx')],
      ['import', words('load')],
      ['data get', words('download fetch')],
      ['data inspect', words('inspect')],
      ['runs', words('ls list history')],
      ['dash', words('dashboard tensorboard ui serve')],
      ['doc', words('docs man explain')],
    ] as const
  ).flatMap(([command, names]) => names.map((name) => [name, command] as const)),
);

/** The command that another tool's word stands for. */
export function foreignCommand(word: string): string | undefined {
  return foreignCommands.get(word);
}

/** What an option of another tool is here: an option for its value, a hyper-parameter, or the options for some of its values. */
interface Meaning {
  readonly option?: string;
  readonly set?: string;
  /** Of an option without a value, or by its value. */
  readonly instead?: ReadonlyMap<string, readonly string[]>;
}

const gpu = ['--mode', 'webgpu'];
const cpu = ['--target', 'wasm'];
const devices = new Map([
  ...words('gpu cuda cuda:0 mps webgpu').map((name) => [name, gpu] as const),
  ['cpu', cpu] as const,
]);

const meanings: readonly (readonly [Meaning, readonly string[]])[] = [
  [{ set: 'lr' }, words('lr learning-rate learning_rate learningRate rate')],
  [{ option: 'batch' }, words('batch-size batch_size batchsize bs b')],
  [{ option: 'epochs' }, words('epoch num-epochs num_epochs n-epochs max-epochs e')],
  [{ option: 'validation' }, words('val-split validation-split val_split validation_split val')],
  [{ option: 'patience' }, words('early-stopping early_stopping')],
  [{ option: 'seed' }, words('random-seed random-state random_seed')],
  [{ option: 'threads' }, words('workers num-workers num_workers jobs cores j')],
  [{ option: 'out' }, words('output output-dir out-dir save-dir save outdir o')],
  [{ option: 'checkpoint' }, words('weights ckpt model-path load restore w')],
  [{ option: 'data-root' }, words('data-dir data-path data_dir dataset data')],
  [{ option: 'max-time' }, words('time-limit timeout max_time')],
  [{ option: 'dry-run' }, words('dry')],
  [{ option: 'monitor' }, words('metric')],
  [{ option: 'target' }, words('backend')],
  [{ instead: new Map([['', gpu]]) }, words('gpu cuda webgpu use-gpu')],
  [{ instead: new Map([['', cpu]]) }, words('cpu no-cuda')],
  [{ instead: devices }, words('device accelerator')],
];

const foreignOptions = new Map(
  meanings.flatMap(([meaning, names]) => names.map((name) => [name, meaning] as const)),
);

/** An option as it was typed: the words of a line that it takes, and its value. */
interface Typed {
  readonly at: number;
  readonly length: number;
  readonly value: string;
}

function typedOption(line: readonly string[], key: string): Typed | undefined {
  const at = line.findIndex(
    (word) => word.replace(/=.*/s, '') === (key.length === 1 ? `-${key}` : `--${key}`),
  );
  const word = line[at];
  if (word === undefined) return undefined;
  const sign = word.indexOf('=');
  if (sign >= 0) return { at, length: 1, value: word.slice(sign + 1) };
  const next = line[at + 1];
  const hasValue = next !== undefined && !/^--?[A-Za-z]/.test(next);
  return { at, length: hasValue ? 2 : 1, value: hasValue ? next : '' };
}

/**
 * The line with what an unknown option means, or undefined where nothing is known to be meant.
 * @param known the options of the command
 */
export function meantByOption(
  line: readonly string[],
  key: string,
  known: readonly string[],
): string | undefined {
  const typed = typedOption(line, key);
  if (!typed) return undefined;
  const { option, set, instead } = foreignOptions.get(key) ?? {};
  const { value } = typed;
  if (set !== undefined && known.includes('set') && value !== '')
    return lineWith(line, typed, ['--set', `${set}=${value}`]);
  if (option !== undefined && known.includes(option))
    return lineWith(line, typed, [`--${option}`, ...(value === '' ? [] : [value])]);
  const chosen = instead?.get(value) ?? instead?.get('');
  const [choice = ''] = chosen ?? [];
  // A flag takes no value: what follows it is another argument.
  if (chosen && known.includes(choice.slice(2)))
    return lineWith(line, instead?.has(value) && value !== '' ? typed : { ...typed, length: 1 }, chosen);
  return undefined;
}

/** The line with an unknown option as a hyper-parameter, where its value may be one's. */
export function meantAsSetting(
  line: readonly string[],
  key: string,
  known: readonly string[],
): string | undefined {
  const typed = typedOption(line, key);
  const isValue = typed && /^(?:[-+]?[\d.]+(?:e[-+]?\d+)?|true|false)$/i.test(typed.value);
  if (!isValue || !known.includes('set') || foreignOptions.has(key) || key.length === 1) return undefined;
  return lineWith(line, typed, ['--set', `${key.replaceAll('-', '_')}=${typed.value}`]);
}

/** The line with other words in place of some. */
export function lineWith(
  line: readonly string[],
  { at, length }: { readonly at: number; readonly length: number },
  instead: readonly string[],
): string {
  return ['nnc', ...[...line.slice(0, at), ...instead, ...line.slice(at + length)].map(quoted)].join(' ');
}

const quoted = (word: string) =>
  /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Values of options by other names; which of them an option takes, it knows itself. */
const foreignValues = new Map<string, readonly string[]>([
  ...words('gpu cuda mps GPU').map((name) => [name, ['gpujs', 'webgpu']] as const),
  ...words('cpu js javascript simd').map((name) => [name, ['wasm', 'cpu']] as const),
  ...words('c C gcc clang cc').map((name) => [name, ['native']] as const),
  ...words('pytorch torch pt pth h5 npz').map((name) => [name, ['safetensors']] as const),
  ...words('png pdf jpg html').map((name) => [name, ['svg']] as const),
  ...words('val dev valid').map((name) => [name, ['validation']] as const),
  ...words('tex').map((name) => [name, ['latex']] as const),
  ...words('md').map((name) => [name, ['markdown', 'mermaid']] as const),
  ...words('graphviz gv').map((name) => [name, ['dot']] as const),
]);

/** The choice that another tool's value stands for. */
export function foreignValue(value: string, choices: readonly string[]): string | undefined {
  return foreignValues.get(value)?.find((choice) => choices.includes(choice));
}
