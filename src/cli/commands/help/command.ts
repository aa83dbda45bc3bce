// `nnc help COMMAND`: the same as `nnc COMMAND --help`.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { defineCommand, type Command } from '../../command.ts';
import type { Streams } from '../../streams.ts';
import { helpWith } from '../../suggestion.ts';

/**
 * @param names of all commands
 * @param run runs a command line
 */
export function helpCommand(
  names: readonly string[],
  run: (words: readonly string[], streams: Streams) => Promise<number>,
): Command {
  return defineCommand({
    name: 'help',
    describe: 'Explain a command, as its --help does',
    positionals: [{ name: 'command', describe: 'Which; without one, all are listed', choices: names }],
    options: {},
    run([name], _, streams) {
      if (name !== undefined && !names.includes(name)) {
        const help = helpWith(name, names, `The commands are ${names.join(', ')}.`);
        fail('command.unknown', undefined, { name: JSON.stringify(name), help });
      }
      return run([...(name === undefined ? [] : [name]), '--help'], streams);
    },
  });
}
