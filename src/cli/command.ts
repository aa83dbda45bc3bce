// A command: its name, arguments and options as data, and its implementation. main.ts passes the table of commands to yargs. Every
// command file is loaded at every start, so large modules are imported inside `run`.
import type { Options, OptionValues } from './arguments.ts';
import type { Streams } from './streams.ts';

export interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly required?: boolean;
  /** The words there are, where they are few. */
  readonly choices?: readonly string[];
  /** Takes all remaining arguments; must be last. */
  readonly variadic?: boolean;
}

export type Example = readonly [command: string, does: string];

export interface Command {
  readonly name: string;
  readonly describe: string;
  readonly positionals: readonly Positional[];
  readonly options: Options;
  /** Command lines with explanations, at the end of the help. */
  readonly examples?: readonly Example[];
  /** Returns the exit code. Invalid input is thrown as DiagnosticError; see failure.ts for other errors. */
  run(given: GivenArguments, streams: Streams): Promise<number>;
}

export interface GivenArguments {
  readonly positionals: readonly string[];
  /** The values given for each option, or whether a flag was given. */
  readonly options: ReadonlyMap<string, readonly string[] | boolean>;
}

export interface CommandDescription<O extends Options> {
  readonly name: string;
  readonly describe: string;
  readonly positionals: readonly Positional[];
  readonly options: O;
  readonly examples?: readonly Example[];
  run(positionals: readonly string[], options: OptionValues<O>, streams: Streams): Promise<number>;
}

/** Connects the types of a command's options with its `run`. */
export function defineCommand<O extends Options>(description: CommandDescription<O>): Command {
  return {
    ...description,
    run: (given, streams) =>
      description.run(given.positionals, parseOptions(description.options, given), streams),
  };
}

function parseOptions<O extends Options>(options: O, given: GivenArguments): OptionValues<O> {
  const values = Object.entries(options).map(([name, option]) => {
    const found = given.options.get(name);
    if (option.kind === 'flag') return [name, found === true];
    return [name, option.parse(Array.isArray(found) ? found : [], `--${name}`)];
  });
  return Object.fromEntries(values) as OptionValues<O>;
}
