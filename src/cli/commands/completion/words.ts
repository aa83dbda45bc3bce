// What can be completed of a command, read off its row in the table of commands.
import type { Command } from '../../command.ts';

export interface CommandWords {
  readonly name: string;
  readonly describe: string;
  /** The words of each argument, in order; undefined: a file. The last one repeats if `variadic`. */
  readonly positionals: readonly (readonly string[] | undefined)[];
  readonly options: readonly OptionWords[];
}

export interface OptionWords {
  /** With its dashes. */
  readonly name: string;
  readonly describe: string;
  readonly value: ValueWords;
  readonly repeatable: boolean;
}

/** What follows an option: nothing, a file, one of some words, or any text. */
export type ValueWords =
  | { readonly kind: 'none' }
  | { readonly kind: 'file' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'text'; readonly placeholder: string };

const files = ['PATH', 'FILE', 'FOLDER'];

export function wordsOf({ name, describe, positionals, options }: Command): CommandWords {
  return {
    name,
    describe,
    positionals: positionals.map(({ choices }) => choices),
    options: [
      ...Object.entries(options).map(([key, option]): OptionWords => {
        const common = { name: `--${key}`, describe: option.describe };
        if (option.kind === 'flag') return { ...common, value: { kind: 'none' }, repeatable: false };
        const { choices, placeholder, repeatable } = option;
        const value: ValueWords = choices
          ? { kind: 'words', words: choices }
          : files.includes(placeholder)
            ? { kind: 'file' }
            : { kind: 'text', placeholder };
        return { ...common, value, repeatable };
      }),
      { name: '--help', describe: 'Explain the command', value: { kind: 'none' }, repeatable: false },
    ],
  };
}

/** The options of `nnc` itself. */
export const ownOptions: readonly OptionWords[] = [
  { name: '--help', describe: 'List the commands', value: { kind: 'none' }, repeatable: false },
  { name: '--version', describe: 'Print the version', value: { kind: 'none' }, repeatable: false },
];
