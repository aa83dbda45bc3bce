// `nnc completion SHELL`: a script that completes commands, options and their values, made from the table of commands.
import { defineCommand, type Command } from '../../command.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { exitCodes } from '../../failure.ts';
import { helpWith } from '../../suggestion.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { wordsOf } from './words.ts';
import { zshScript } from './zsh.ts';

const scripts = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

/** @param commands all of them, this one included, once they are known */
export function completionCommand(commands: () => readonly Command[]): Command {
  const shells = [...scripts.keys()];
  return defineCommand({
    name: 'completion',
    describe: "Print a script for a shell's completion: bash, zsh or fish",
    positionals: [{ name: 'shell', describe: shells.join(', '), required: true, choices: shells }],
    options: {},
    examples: [
      ['source <(nnc completion bash)', 'in ~/.bashrc'],
      ['source <(nnc completion zsh)', 'in ~/.zshrc, behind compinit'],
      ['nnc completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
    run([shell = ''], _, streams) {
      const script = scripts.get(shell);
      if (!script)
        return fail('option.choice', undefined, {
          option: 'nnc completion',
          found: JSON.stringify(shell),
          help: helpWith(shell, shells, `It takes one of: ${shells.join(', ')}.`),
        });
      streams.result(script(commands().map(wordsOf)));
      return Promise.resolve(exitCodes.done);
    },
  });
}
