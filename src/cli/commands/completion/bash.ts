// Completion for bash 3.2 and newer. Words of the table need no quoting: they are names, without spaces.
import { ownOptions, type CommandWords } from './words.ts';

export function bashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of nnc, printed by \`nnc completion bash\`
_nnc() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" options="" valued="" words="" index=0 skip="" word i
  COMPREPLY=()
  # bash divides --option=value into three words
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $previous == "=" ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -z $command ]]; then
      [[ $word == -* ]] && continue
      command="$word"
      case "$command" in
${commands.map((command) => optionsCase(command)).join('\n')}
      esac
    elif [[ $word == "=" ]]; then
      skip=yes
    elif [[ -n $skip ]]; then
      skip=""
      [[ $word == -* ]] && ((i--))
    elif [[ " $valued " == *" $word "* ]]; then
      skip=yes
    elif [[ $word != -* ]]; then
      ((index++))
    fi
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "${[...names, ...ownOptions.map(({ name }) => name)].join(' ')}" -- "$current"))
    return
  fi
  if [[ " $valued " == *" $previous "* ]]; then
    case "$command $previous" in
${commands.flatMap((command) => valueCases(command)).join('\n')}
      *) compopt +o default 2> /dev/null; return ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  case "$command $index" in
${commands.flatMap((command) => positionalCases(command)).join('\n')}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
# where nothing is found, files are
complete -o default -F _nnc nnc`;
}

function optionsCase({ name, options }: CommandWords): string {
  const all = options.map((option) => option.name).join(' ');
  const valued = options.filter(({ value }) => value.kind !== 'none').map((option) => option.name);
  return `        ${name}) options="${all}" valued="${valued.join(' ')}" ;;`;
}

function valueCases({ name, options }: CommandWords): string[] {
  return options.flatMap((option) => {
    const { value } = option;
    if (value.kind === 'words')
      return [`      "${name} ${option.name}") words="${value.words.join(' ')}" ;;`];
    return value.kind === 'file' ? [`      "${name} ${option.name}") return ;;`] : [];
  });
}

function positionalCases({ name, positionals }: CommandWords): string[] {
  return positionals.flatMap((words, i) =>
    words ? [`    "${name} ${i}") words="${words.join(' ')}" ;;`] : [],
  );
}
