// The table of everything that can be wrong with a user's input: one row a code.
// `message` and `help` are templates; `{name}` is replaced by the argument of that name. Arguments are text or numbers,
// and the arguments' type of a code is read off its templates, so that a missing one does not type-check.

import { syntaxCodes } from './codes-syntax.ts';
import { habitCodes } from './codes-habits.ts';
import { languageCodes } from './codes-language.ts';
import { warningCodes } from './codes-warnings.ts';

interface Row {
  readonly message: string;
  readonly help?: string;
}

export const codes = {
  // reading and parsing
  'source.too-large': {
    message: '{path} has {size} bytes; a source may have 10 MiB',
    help: 'Split the file and join the parts with `import`.',
  },
  ...syntaxCodes,
  ...habitCodes,

  ...languageCodes,

  ...warningCodes,

  // the command line
  'command.unknown': { message: 'nnc has no command {name}', help: '{help}' },
  'option.unknown': { message: '`{command}` has no option {name}', help: '{help}' },
  'option.value': { message: '{option} takes {expected}, but was given {found}' },
  'option.meant': {
    message: '{option} takes {expected}, but was given {found}',
    help: 'Write it as {meant}.',
  },
  'option.choice': { message: '{option} was given {found}', help: '{help}' },
  'argument.missing': {
    message: '`nnc {command}` needs {name}',
    help: '`nnc {command} --help` shows what it takes.',
  },
  'argument.surplus': {
    message: '`nnc {command}` was given {found}, which is one argument too many',
    help: '`nnc {command} --help` shows what it takes.',
  },
  'derive.unknown': { message: 'there is no layer or loss `{name}`', help: '{help}' },
  'derive.impossible': { message: '`{name}` has no formula by itself: {reason}' },
  'name.documented': { message: 'nothing is called `{name}`', help: '{help}' },
  'layer.unknown': { message: 'the model has no layer {name}', help: '{help}' },
  'export.unsupported': {
    message: '{node} cannot be written as {format}: {reason}',
    help: 'Nothing was written.',
  },
  'import.invalid': { message: '{path} is no safetensors file: {reason}' },
  'import.mismatch': {
    message: '{path} does not fit the model in {count} places:{problems}',
    help: '{help}',
  },
  'usage.invalid': { message: '{reason}' },
  'file.missing': { message: 'there is no file {path}', help: '{help}' },
  'file.folder': { message: '{path} is a folder, not a file' },
  'file.none': {
    message: 'neither this folder nor models/ holds a `.nn` file with a model',
    help: 'Name a file: `nnc {command} FILE.nn`.',
  },
  'file.several': { message: '{count} files here hold a model', help: 'Name one of them: {choices}.' },

  // writing a first model
  'init.exists': {
    message: '{path} is there already',
    help: 'Name another file with --out, or replace it with --force.',
  },
  'init.nothing': {
    message: 'nothing says what the model is to learn from',
    help: 'Name data, as in `nnc init trees.csv --target species`, or a template: `nnc init --template {template}`.',
  },
  'init.both': { message: '`nnc init` was given data and a template', help: 'Leave one of the two out.' },
  'init.data': { message: 'no model can be written for {path}: {reason}', help: '{help}' },

  // training
  'memory.address': {
    message: '{model} needs {needed} of memory, and code {place} can address {most}',
    help: '{help}',
  },
  'target.buffers': {
    message: '{kernel} reads and writes {found} buffers, and code {place} can take {most} at once',
    help: 'Every position of a `scan` has buffers of its own: take a shorter sequence. `--target native` has no such limit.',
  },
  'run.locked': {
    message: 'another training writes there: {holder} holds {path}',
    help: 'Wait for it to end, or name another place with --out. Where that process is known to be gone, delete the file.',
  },
  'memory.exceeded': {
    message: 'training needs about {needed} of memory, but only {available} are free',
    help: '{help}',
  },
  'form.unknown': { message: 'no form is called {name}', help: '{help}' },
  'target.unknown': { message: 'there is no target `{name}`', help: '{help}' },
  'target.mode-unknown': { message: 'no target has a mode {mode}', help: 'There are {modes}.' },
  'target.mode': {
    message: '--mode {mode} is a mode of {title}, and --target is {target}',
    help: 'Leave one of the two out.',
  },
  'target.deterministic': {
    message:
      '--deterministic is for results that two machines agree on, and those of --target {target} go by the processor',
    help: 'Leave one of the two out. On one machine {title} results are the same from run to run, on any number of threads.',
  },
  'target.compiler': {
    message: '--target native needs a C compiler: {reason}',
    help: 'Install gcc or clang (on Debian: apt install gcc libc6-dev), or name one in CC. --target wasm needs none.',
  },
  'target.elements': {
    message: '{name} has {elements} elements, but gpu.js counts them in float32, which ends at 16777216',
    help: 'Train with a smaller batch.',
  },
  'data.none': {
    message: '{model} does not say what it is trained on',
    help: 'Add a line such as `data mnist(normalize = true)` to the model.',
  },

  'data.overfit': {
    message: '{source} has {count} examples to train on, not {wanted}',
    help: 'Give --overfit a smaller number.',
  },
  'monitor.unknown': { message: 'training gives no number `{name}` to monitor', help: '{help}' },
  'patience.unmonitored': {
    message: 'patience needs a number to watch, and nothing is kept for validation',
    help: 'Keep a share with `--validation 0.1`, or name a number of the training part: `--monitor loss`.',
  },

  'value.not-finite': { message: '{where}{what}{extent}', help: '{help}' },
  'value.given': {
    message: '{what} is not finite before anything is computed{extent}',
    help: 'Look at the data: a missing value or a division by 0 on the way into the file.',
  },

  // runs that were kept
  'run.unknown': { message: 'there is no run {name}', help: '{help}' },
  'run.model': { message: 'there are no runs of {model}', help: '{help}' },
  'run.unfit': {
    message: 'no run of {model} is taken by itself:{runs}',
    help: '{help}',
  },
  'run.choice': { message: '{reason}:{runs}', help: '{help}' },
  'run.name': { message: '{name} cannot name a run: {reason}' },
  'run.pinned': {
    message: '{run} is pinned',
    help: '`nnc runs unpin {run}` lets go of it; then it can be deleted.',
  },
  'run.running': {
    message: '{run} is still running: {holder} holds it',
    help: 'Wait for it to end, or end it.',
  },
  'run.delete': {
    message: 'this would delete {count} for good:{runs}',
    help: 'Say --yes to do it.',
  },

  // the numbers given to `nnc grad`
  'json.invalid': { message: '{path} is not JSON: {reason}' },
  'json.form': { message: '{path}: {place} should be {expected}, but is {found}', help: '{help}' },
  'json.unknown': { message: '{path}: the model has no {kind} {name}', help: '{help}' },
  'json.missing': { message: '{path} does not give {name}', help: 'The model needs it with shape {shape}.' },

  // checks of gradients
  'gradient.differs': {
    message:
      'the gradient towards `{name}` is {gradient} at {element}, but the loss changes there by {difference} a unit',
    help: 'Where `stop_gradient` or `floor` stands in between, this is what they are for; elsewhere it is a fault of the compiler.',
  },

  // data sets
  'data.source': { message: 'there is no data set `{name}`', help: '{help}' },
  'data.argument-unknown': { message: '`{source}` has no argument `{name}`', help: '{help}' },
  'data.argument-missing': { message: '`{source}` needs `{name}`: {expected}' },
  'data.argument': { message: '`{name}` of `{source}` takes {expected}, but was given {found}' },
  'data.argument-meant': {
    message: '`{name}` of `{source}` takes {expected}, but was given {found}',
    help: 'Write it as {mended}.',
  },
  'data.missing': { message: 'the data set {name} was not found', help: '{help}' },
  'data.download': { message: '{url} was not downloaded: {reason}', help: 'Nothing was written.' },
  'data.unpublished': { message: 'no place is known to download {name} from', help: '{help}' },
  'data.file-missing': { message: 'there is no file {path}', help: '{help}' },
  'data.outside': {
    message: '{path} leads out of {root}',
    help: 'A data file lies in the folder of the `.nn` file or below it, or in the folder given as --data-root.',
  },
  'data.malformed': { message: '{path} cannot be read as {format}: {reason}' },
  'data.row': { message: '{path}, line {line}: {reason}' },
  'data.table-row': { message: '{path}, row {row}: {reason}' },
  'data.rows': { message: '{path} has {count} faults:{list}' },
  'data.label': { message: '{path}: example {example} has the label {label}, but labels are {expected}' },
  'data.port': {
    message: "the model's {role} `{port}` is {expected}; {source} gives {given}",
    help: '{help}',
  },
  'data.picture-size': {
    message: '{path} is a picture of {found} pixels, and the input takes {expected} (width × height)',
    help: 'Write `resize = true` after `images(`, to have pictures of other sizes scaled.',
  },
  'data.example': { message: '{where}: {name}: {reason}' },
  'data.part': {
    message: '{source} has no {part} part',
    help: 'It has {present}; --part chooses one. `validation = 0.1` in `train` keeps one to validate.',
  },
  'data.series': { message: '{source}: {reason}', help: '{help}' },
  'data.few': {
    message: '{source} leaves {count} examples to train on, fewer than one batch of {batch}',
    help: 'Train with a smaller batch, or keep less for validation.',
  },

  // checkpoints
  'checkpoint.missing': { message: 'there is no checkpoint {path}' },
  'checkpoint.untrained': {
    message: 'the model has not been trained: there is no checkpoint below {path}',
    help: 'Train it with `nnc train`, or name a checkpoint with --checkpoint.',
  },
  'checkpoint.invalid': { message: '{path} is not a checkpoint: {reason}' },
  'checkpoint.truncated': { message: '{path} is cut short: it has {found} of {expected} bytes' },
  'checkpoint.damaged': { message: '{path} is damaged: its checksum does not fit its contents' },
  'checkpoint.model': {
    message: '{path} is a checkpoint of another model: {difference}',
    help: 'Take the `.nn` file that it was trained from, with the same --set; or choose another run: `nnc runs` lists them.',
  },
  'checkpoint.data': {
    message: '{path} was trained on other data than {source} holds now',
    help: '{help}',
  },
  'resume.changed': {
    message: '{path} was trained otherwise:{changes}',
    help: '{help}',
  },
} as const satisfies Record<string, Row>;

export type DiagnosticCode = keyof typeof codes;

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type Templates<K extends DiagnosticCode> =
  | (typeof codes)[K]['message']
  | ((typeof codes)[K] extends { readonly help: infer H extends string } ? H : never);

/** The arguments of each code: one for every placeholder of its message and help. */
export type DiagnosticArguments = {
  readonly [K in DiagnosticCode]: { readonly [Name in Placeholders<Templates<K>>]: string | number };
};
