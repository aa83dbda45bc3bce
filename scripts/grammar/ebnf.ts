// The productions of the grammar enter; the text of grammar/grammar.ebnf leaves, in the notation that the W3C uses.
import type { Notation, Production } from './notation.ts';

const width = 100;

export function ebnf(productions: readonly Production[]): string {
  const header = `/* The grammar of .nn files, generated from the parser by \`node scripts/grammar.mjs\`.

   a?  at most one      a*  any number      a+  one or more      a | b  either      [A-Z]  a character

   Three things are not said by the productions:
   - The "(" of callArguments touches what it calls; any other "(" begins an expression of its own.
   - A binaryOperator is one of ten levels; see "Operators" in README.md for which binds tighter.
   - In a block, a word that begins an item of a model or a declaration is read as such where a name follows it
     (after "net" and "train", where "{" follows), and "state" begins a declaration where a name follows it. */
`;
  const lexical = `
/* Between tokens there may be white space and comments. */
Identifier ::= [A-Za-z_] [A-Za-z0-9_]* /* and none of the words in quotes but those of Name */
Number     ::= [0-9]+ ( "." [0-9]+ )? ( [eE] [+-]? [0-9]+ )?
String     ::= '"' ( [^"\\#xA#xD] | Escape )* '"'
Escape     ::= "\\" ( '"' | "\\" | "n" | "t" | "u{" [0-9A-Fa-f]+ "}" )
WhiteSpace ::= [#x9#xA#xB#xC#xD#x20#xFEFF]+
Comment    ::= "//" [^#xA#xD]*
`;
  return `${header}\n${productions.map(production).join('\n')}\n${lexical}`;
}

function production({ name, body }: Production): string {
  const oneLine = `${name} ::= ${write(body, false)}`;
  if (oneLine.length <= width) return oneLine;
  if (body.kind === 'choice') {
    const lines = fill(body.parts.map((part) => write(part, false)), ' | ', width - 4);
    return `${name} ::=\n    ${lines.join('\n  | ')}`;
  }
  const parts = body.kind === 'sequence' ? body.parts : [body];
  return `${name} ::=\n    ${fill(parts.map((part) => write(part, true)), ' ', width - 4).join('\n    ')}`;
}

/** Puts as many texts on a line as it has room for. */
function fill(texts: readonly string[], separator: string, room: number): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + separator.length + text.length <= room) lines[lines.length - 1] = last + separator + text;
    else lines.push(text);
  }
  return lines;
}

/** `tight` where what follows would otherwise take hold of a part only. */
function write(notation: Notation, tight: boolean): string {
  switch (notation.kind) {
    case 'terminal':
      return notation.literal ? (notation.text.includes('"') ? `'${notation.text}'` : `"${notation.text}"`) : notation.text;
    case 'rule':
      return notation.name;
    case 'sequence': {
      const text = notation.parts.map((part) => write(part, true)).join(' ');
      return tight && notation.parts.length > 1 ? `( ${text} )` : text;
    }
    case 'choice': {
      const text = notation.parts.map((part) => write(part, false)).join(' | ');
      return tight ? `( ${text} )` : text;
    }
    case 'optional':
      return `${write(notation.part, true)}?`;
    case 'many':
      return `${write(notation.part, true)}*`;
    case 'some':
      return `${write(notation.part, true)}+`;
  }
}
