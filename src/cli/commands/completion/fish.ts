// Completion for fish, with descriptions.
import { ownOptions, type CommandWords, type OptionWords } from './words.ts';

export function fishScript(commands: readonly CommandWords[]): string {
  const first = '__fish_use_subcommand';
  return [
    '# fish completion of nnc, printed by `nnc completion fish`',
    ...commands.map(
      ({ name, describe }) => `complete -c nnc -f -n ${first} -a ${name} -d ${quote(describe)}`,
    ),
    ...ownOptions.map((option) => optionLine(option, first)),
    ...commands.flatMap(({ name, positionals, options }) => {
      const inside = quote(`__fish_seen_subcommand_from ${name}`);
      const words = positionals.flatMap((own) => own ?? []);
      return [
        ...options.map((option) => optionLine(option, inside)),
        ...(words.length > 0 ? [`complete -c nnc -n ${inside} -a ${quote(words.join(' '))}`] : []),
      ];
    }),
  ].join('\n');
}

function optionLine({ name, describe, value }: OptionWords, condition: string): string {
  const long = `complete -c nnc -n ${condition} -l ${name.slice(2)} -d ${quote(describe)}`;
  switch (value.kind) {
    case 'none':
      return long;
    case 'file':
      return `${long} -r -F`;
    case 'words':
      return `${long} -x -a ${quote(value.words.join(' '))}`;
    case 'text':
      return `${long} -x`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
