#!/usr/bin/env node
// The table of commands. yargs parses the command line and prints the help; unknown names and surplus arguments are diagnostics of our
// own, with a suggestion. Nothing of the compiler is loaded here: `nnc --help` must answer at once.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import yargs, { type Argv } from 'yargs';
import { fail } from '../diagnostics/diagnostic.ts';
import { bench } from './commands/bench/command.ts';
import { check } from './commands/check/command.ts';
import type { Command } from './command.ts';
import { compile } from './commands/compile/command.ts';
import { completionCommand } from './commands/completion/command.ts';
import { dashboard } from './commands/dash/command.ts';
import { data } from './commands/data/command.ts';
import { exitCodes, report } from './failure.ts';
import { helpCommand } from './commands/help/command.ts';
import { doctor } from './commands/doctor/command.ts';
import { init } from './commands/init/command.ts';
import { derive } from './commands/derive/command.ts';
import { doc } from './commands/doc/command.ts';
import { evaluate } from './commands/eval/command.ts';
import { exportModel } from './commands/export/command.ts';
import { fmt } from './commands/fmt/command.ts';
import { foreignCommand, lineWith, meantAsSetting, meantByOption } from './foreign-words.ts';
import { grad } from './commands/grad/command.ts';
import { gradcheck } from './commands/gradcheck/command.ts';
import { graph } from './commands/graph/command.ts';
import { runs } from './commands/runs/command.ts';
import { importWeights } from './commands/import/command.ts';
import { predict } from './commands/predict/command.ts';
import { processStreams, releaseLostTerminals, type Streams } from './streams.ts';
import { helpWith } from './suggestion.ts';
import { summary } from './commands/summary/command.ts';
import { train } from './commands/train/command.ts';
import { version } from './version.ts';

const commands: readonly Command[] = [
  init,
  check,
  compile,
  train,
  runs,
  dashboard,
  evaluate,
  predict,
  exportModel,
  importWeights,
  data,
  summary,
  graph,
  grad,
  gradcheck,
  derive,
  bench,
  doc,
  fmt,
  doctor,
  completionCommand(() => known),
];

const names = commands.map(({ name }) => name);

/** All that yargs knows: `help` runs the others. */
const known: readonly Command[] = [...commands, helpCommand(names, run)];

/** Keys that are always present: yargs' own, and the options that it handles itself. */
const builtin = ['_', '$0', 'help', 'version'];

type Parsed = { readonly [name: string]: unknown };

function usage(command: Command): string {
  const positionals = command.positionals.map((positional) => {
    const name = positional.variadic ? `${positional.name}..` : positional.name;
    return positional.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name, ...positionals].join(' ');
}

function describe(parser: Argv, command: Command): Argv {
  for (const { name, describe } of command.positionals) parser.positional(name, { type: 'string', describe });
  for (const [name, option] of Object.entries(command.options)) {
    if (option.kind === 'flag') parser.option(name, { type: 'boolean', describe: option.describe });
    else parser.option(name, { nargs: 1, describe: `${option.describe} [${option.placeholder}]` });
  }
  for (const [line, does] of command.examples ?? []) parser.example(line, does);
  return parser;
}

/** Replaces a single `-` while yargs parses, which would drop it from a list of arguments. */
const loneDash = '\0-';

function texts(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((word) => (word === loneDash ? '-' : String(word)));
}

function unknownOption(command: string, key: string, known: readonly string[], line: readonly string[]) {
  const name = key.length === 1 ? `-${key}` : `--${key}`;
  const meant = meantByOption(line, key, known);
  if (meant !== undefined) return { command, name, help: `Write it as \`${meant}\`.` };
  const choices = known.map((option) => `--${option}`);
  const setting = meantAsSetting(line, key, known);
  const otherwise =
    setting === undefined
      ? `\`${command} --help\` lists the options.`
      : `A hyper-parameter is set so: \`${setting}\`.`;
  return { command, name, help: helpWith(name, choices, otherwise) };
}

/** A parsed line, and the words that it was typed with. */
interface Line {
  readonly parsed: Parsed;
  readonly words: readonly string[];
}

async function runCommand(command: Command, { parsed, words }: Line, streams: Streams): Promise<number> {
  const names = command.positionals.map((positional) => positional.name);
  const options = Object.keys(command.options);
  for (const key of Object.keys(parsed)) {
    if (options.includes(key) || names.includes(key) || builtin.includes(key)) continue;
    fail('option.unknown', undefined, unknownOption(`nnc ${command.name}`, key, options, words));
  }
  const positionals = [...names.flatMap((name) => texts(parsed[name])), ...texts(parsed['_']).slice(1)];
  const most = command.positionals.some((positional) => positional.variadic) ? Infinity : names.length;
  if (positionals.length > most) refuseSplitSetting(words, String(positionals[most]));
  if (positionals.length > most)
    fail('argument.surplus', undefined, { command: command.name, found: JSON.stringify(positionals[most]) });
  const given = options.map((name): [string, readonly string[] | boolean] => {
    const value = parsed[name];
    return [name, typeof value === 'boolean' ? value : texts(value)];
  });
  return command.run({ positionals, options: new Map(given) }, streams);
}

/** `--set lr 0.01`: the value stands apart. */
function refuseSplitSetting(words: readonly string[], surplus: string): void {
  const at = words.findIndex((word, i) => word === surplus && words[i - 2] === '--set');
  const name = words[at - 1];
  if (at < 0 || name === undefined || name.includes('=')) return;
  const meant = lineWith(words, { at: at - 1, length: 2 }, [`${name}=${surplus}`]);
  const args = {
    option: '--set',
    expected: 'key=value',
    found: `"${name}" and "${surplus}"`,
    meant: `\`${meant}\``,
  };
  fail('option.meant', undefined, args);
}

/** Rejects values of flags: yargs would read `--json=5` as false. */
function rejectFlagValues(words: readonly string[]): void {
  const flags = known.flatMap((command) =>
    Object.entries(command.options).flatMap(([name, option]) => (option.kind === 'flag' ? [name] : [])),
  );
  for (const word of words) {
    if (word === '--') return;
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined && flags.includes(name))
      fail('option.meant', undefined, {
        option: `--${name}`,
        expected: 'no value',
        found: JSON.stringify(value),
        meant: `\`${lineWith(words, { at: words.indexOf(word), length: 1 }, [`--${name}`])}\``,
      });
  }
}

/** A parsed command line. It is thrown, because yargs composes its help after every handler that returns. */
class Request {
  constructor(readonly answer: () => Promise<number>) {}
}

/** Reports a usage error of yargs, which gives the reason only in its message. */
function failUsage(words: readonly string[], reason: string): never {
  const [, option] = /^Not enough arguments following: (.+)$/.exec(reason) ?? [];
  if (option !== undefined)
    fail('option.value', undefined, { option: `--${option}`, expected: 'a value', found: 'nothing' });
  const [, given] = /^Not enough non-option arguments: got (\d+)/.exec(reason) ?? [];
  const command = known.find(({ name }) => name === words.find((word) => !word.startsWith('-')));
  if (given !== undefined && command) {
    const name = command.positionals[Number(given)]?.name ?? 'more';
    fail('argument.missing', undefined, { command: command.name, name });
  }
  return fail('usage.invalid', undefined, { reason });
}

/** Runs one command line and returns the exit code. */
export async function run(words: readonly string[], streams: Streams): Promise<number> {
  const parser = yargs(words.map((word) => (word === '-' ? loneDash : word)))
    .scriptName('nnc')
    .usage('nnc compiles neural networks: .nn text in, readable TypeScript with its backward pass out.')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
    })
    .detectLocale(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .help()
    .version(version())
    .wrap(Math.min(110, streams.terminal?.columns ?? 110))
    .epilogue(
      'Exit codes: 0 done, 1 internal, 2 bad input, 3 diverged, 74 input/output, 129, 130 and 143 interrupted.',
    )
    .fail((message: string | null, error: Error | undefined) => {
      if (error instanceof Request || (error && error.name !== 'YError')) throw error;
      failUsage(words, message ?? error?.message ?? '');
    });
  for (const command of known)
    parser.command({
      command: usage(command),
      describe: command.describe,
      builder: (inner: Argv) => describe(inner, command),
      handler: (parsed: Parsed) => {
        throw new Request(() => runCommand(command, { parsed, words }, streams));
      },
    });
  parser.command({
    command: '$0',
    describe: false,
    builder: (inner: Argv) => inner,
    handler: (parsed: Parsed) => {
      throw new Request(() => withoutCommand(parser, { parsed, words }, streams));
    },
  });
  try {
    rejectFlagValues(words);
    const request = await requestOf(parser);
    return (await request?.answer()) ?? 0;
  } catch (error) {
    return report(error, streams);
  }
}

/** Undefined if yargs has handled the command line itself: help and version. */
async function requestOf(parser: Argv): Promise<Request | undefined> {
  try {
    await parser.parseAsync();
  } catch (thrown) {
    if (thrown instanceof Request) return thrown;
    throw thrown;
  }
}

async function withoutCommand(parser: Argv, { parsed, words }: Line, streams: Streams): Promise<number> {
  const [found] = texts(parsed['_']);
  if (found !== undefined) {
    const help =
      meantByCommand(found, words) ?? helpWith(found, names, `The commands are ${names.join(', ')}.`);
    fail('command.unknown', undefined, { name: JSON.stringify(found), help });
  }
  const option = Object.keys(parsed).find((key) => !builtin.includes(key));
  if (option !== undefined)
    fail('option.unknown', undefined, unknownOption('nnc', option, ['help', 'version'], words));
  streams.note(await parser.getHelp());
  return exitCodes.badInput;
}

/** The line with the command that another tool's word, or a file alone, stands for. */
function meantByCommand(found: string, words: readonly string[]): string | undefined {
  const at = words.indexOf(found);
  const other = foreignCommand(found);
  const instead =
    other === undefined ? (found.endsWith('.nn') ? ['train', found] : undefined) : other.split(' ');
  return instead && at >= 0 ? `Write it as \`${lineWith(words, { at, length: 1 }, instead)}\`.` : undefined;
}

/** Runs the command line of this process, and ends it. */
export async function main(): Promise<never> {
  releaseLostTerminals();
  const streams = processStreams();
  const exitCode = await run(process.argv.slice(2), streams);
  // a worker or a device that is slow to end must not keep the process alive; but output must be flushed first
  const failure = await streams.close();
  if (failure) await report(failure, streams);
  process.exit(failure && exitCode === exitCodes.done ? exitCodes.inputOutput : exitCode);
}

/** Whether this file is the program that node runs, and not imported by a test. */
function isEntry(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isEntry()) await main();
