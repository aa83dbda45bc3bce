// Chevrotain's serialized grammar enters; a plain tree of what a rule is made of leaves, the same for the EBNF and the diagrams.
import type { ISerializedGast, TokenType } from 'chevrotain';

export type Notation =
  | { readonly kind: 'terminal'; readonly text: string; readonly literal: boolean }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Notation[] }
  | { readonly kind: 'optional' | 'many' | 'some'; readonly part: Notation };

export interface Production {
  readonly name: string;
  readonly body: Notation;
}

/** What the serialized grammar holds; Chevrotain types its parts too loosely to be read. */
interface Serialized {
  readonly type: ISerializedGast['type'];
  readonly name?: string;
  readonly nonTerminalName?: string;
  readonly definition?: readonly Serialized[];
}

/** The rules of the grammar in the order in which one leads to the next, then the groups of tokens that they name. */
export function productions(grammar: readonly ISerializedGast[], tokens: readonly TokenType[]): Production[] {
  const rules = new Map((grammar as readonly Serialized[]).map((rule) => [rule.name ?? '', read(rule, tokens)]));
  const ordered = new Map<string, Notation>();
  const follow = (name: string): void => {
    const body = rules.get(name);
    if (!body || ordered.has(name)) return;
    ordered.set(name, body);
    rulesIn(body).forEach(follow);
  };
  follow('program');
  if (ordered.size < rules.size) throw new Error('a rule of the grammar is never reached');
  return [
    ...[...ordered].map(([name, body]) => ({ name, body })),
    ...groups(grammar as readonly Serialized[], tokens),
  ];
}

function rulesIn(notation: Notation): string[] {
  if (notation.kind === 'rule') return [notation.name];
  if ('part' in notation) return rulesIn(notation.part);
  return 'parts' in notation ? notation.parts.flatMap(rulesIn) : [];
}

function read(part: Serialized, tokens: readonly TokenType[]): Notation {
  const parts = () => (part.definition ?? []).map((inner) => read(inner, tokens));
  const sequence = (): Notation => {
    const [only, ...others] = parts();
    return only && others.length === 0 ? only : { kind: 'sequence', parts: parts() };
  };
  switch (part.type) {
    case 'Terminal':
      return terminal(part.name ?? '', tokens);
    case 'NonTerminal':
      return { kind: 'rule', name: part.name ?? part.nonTerminalName ?? '' };
    case 'Alternation':
      return { kind: 'choice', parts: parts() };
    case 'Option':
      return { kind: 'optional', part: sequence() };
    case 'Repetition':
      return { kind: 'many', part: sequence() };
    case 'RepetitionMandatory':
      return { kind: 'some', part: sequence() };
    case 'Rule':
    case 'Alternative':
      return sequence();
    default:
      throw new Error(`no notation for ${part.type}`);
  }
}

function terminal(name: string, tokens: readonly TokenType[]): Notation {
  const type = tokens.find((token) => token.name === name);
  if (name === 'CallParenthesis') return { kind: 'terminal', text: '(', literal: true };
  return typeof type?.PATTERN === 'string'
    ? { kind: 'terminal', text: type.PATTERN, literal: true }
    : { kind: 'terminal', text: name, literal: false };
}

/** A token that stands for several, written out. */
function groups(grammar: readonly Serialized[], tokens: readonly TokenType[]): Production[] {
  const used = new Set<string>();
  const collect = (part: Serialized): void => {
    if (part.type === 'Terminal') used.add(part.name ?? '');
    part.definition?.forEach(collect);
  };
  grammar.forEach(collect);
  return tokens
    .filter((group) => used.has(group.name) && group.name !== 'CallParenthesis')
    .flatMap((group) => {
      const members = tokens
        .filter((token) => token.CATEGORIES?.includes(group) && isWritten(token))
        .sort((left, right) => Number(right.name === 'Identifier') - Number(left.name === 'Identifier'));
      if (members.length === 0) return [];
      return [{ name: group.name, body: { kind: 'choice', parts: members.map((token) => terminal(token.name, tokens)) } as const }];
    });
}

/** Tokens that only serve recovery are no part of the language. */
const isWritten = (token: TokenType): boolean => !/^(?:MalformedNumber|UnclosedString|CallParenthesis|.*Item)$/.test(token.name);
