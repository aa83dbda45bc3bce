// Completion for zsh, with descriptions: to be sourced, or put as _nnc into a folder of $fpath.
import { ownOptions, type CommandWords, type OptionWords } from './words.ts';

export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef nnc
# zsh completion of nnc, printed by \`nnc completion zsh\`
_nnc() {
  local -a commands
  commands=(
${commands.map(({ name, describe }) => `    ${quote(`${name}:${describe}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    _arguments ${ownOptions.map(optionSpec).join(' ')}
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map((command) => commandCase(command)).join('\n')}
  esac
}
if [[ $funcstack[1] == _nnc ]]; then
  _nnc "$@"
else
  compdef _nnc nnc
fi`;
}

function commandCase({ name, positionals, options }: CommandWords): string {
  const places = positionals.map((words, i) =>
    quote(`${i + 1}:: :${words ? `(${words.join(' ')})` : '_files'}`),
  );
  const specs = [...options.map(optionSpec), ...places, quote('*:file:_files')];
  return `    ${name})\n      _arguments \\\n${specs.map((spec) => `        ${spec}`).join(' \\\n')}\n      ;;`;
}

function optionSpec({ name, describe, value, repeatable }: OptionWords): string {
  const text = describe.replace(/[\\[\]:]/g, '\\$&');
  const prefix = repeatable ? '*' : '';
  switch (value.kind) {
    case 'none':
      return quote(`${prefix}${name}[${text}]`);
    case 'file':
      return quote(`${prefix}${name}=[${text}]:file:_files`);
    case 'words':
      return quote(`${prefix}${name}=[${text}]:value:(${value.words.join(' ')})`);
    case 'text':
      return quote(`${prefix}${name}=[${text}]:${value.placeholder.replaceAll(':', '\\:')}: `);
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
