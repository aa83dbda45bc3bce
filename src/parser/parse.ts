// Parses a source into its syntax tree and the errors of its text, without throwing. After an error the tree contains what could be
// parsed: parts are omitted, or are `none` where an expression was expected.
import type { IToken } from 'chevrotain';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { sourceLimit, type Source } from '../diagnostics/source.ts';
import type { Program } from './ast.ts';
import { bracketTooDeep } from './brackets.ts';
import { buildProgram } from './build-ast.ts';
import type * as cst from './cst.ts';
import { errorLimit, expectations, TooManyErrors } from './expectations.ts';
import { SourceParser } from './grammar.ts';
import { mendHabits } from './habits/habits.ts';
import { lex } from './lex.ts';
import { mend } from './mend.ts';
import { syntaxErrors } from './syntax-errors.ts';
import { nestingLimit, TreeContext } from './tree-context.ts';

export interface Parsed {
  readonly program: Program;
  readonly diagnostics: Diagnostic[];
}

export function parse(source: Source): Parsed {
  const { program, diagnostics } = parseConcrete(source);
  return { program, diagnostics };
}

/** All results of parsing. The concrete tree is absent if the text is too large, nested too deeply or too malformed. */
export interface ConcretelyParsed extends Parsed {
  readonly tree?: cst.ProgramCstNode;
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
}

export function parseConcrete(source: Source): ConcretelyParsed {
  const size = byteLength(source.text);
  if (size > sourceLimit)
    return failed(source, diagnostic('source.too-large', undefined, { path: source.path, size }));
  const { tokens, comments, diagnostics: characters } = lex(source);
  const tooDeep = bracketTooDeep(tokens, nestingLimit);
  if (tooDeep) {
    const span = { source, start: tooDeep.startOffset, end: tooDeep.startOffset + tooDeep.image.length };
    return failed(source, diagnostic('syntax.nesting', span, { limit: nestingLimit }));
  }
  const habits = mendHabits(tokens, comments, source);
  const mended = mend(habits.tokens, source);
  const { tree, diagnostics: unexpected } = readTree(mended.tokens, characters, source);
  const context = new TreeContext(source, comments);
  const program = tree ? buildProgram(tree, context) : emptyProgram(source);
  const diagnostics = [
    ...characters,
    ...habits.diagnostics,
    ...mended.diagnostics,
    ...unexpected,
    ...context.diagnostics,
  ]
    .sort((left, right) => (left.span?.start ?? 0) - (right.span?.start ?? 0))
    .slice(0, errorLimit);
  return { program, diagnostics, tokens, comments, ...(tree && { tree }) };
}

interface TreeAndErrors {
  readonly tree?: cst.ProgramCstNode;
  readonly diagnostics: readonly Diagnostic[];
}

const messages = expectations();
let parser: SourceParser | undefined;

function readTree(tokens: IToken[], characters: readonly Diagnostic[], source: Source): TreeAndErrors {
  parser ??= new SourceParser({ validate: false, messages });
  // The parser inserts tokens into the list.
  parser.input = [...tokens];
  messages.reset(source.text);
  let tree: cst.ProgramCstNode | undefined;
  try {
    tree = parser.program() as cst.ProgramCstNode;
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
  }
  return { diagnostics: syntaxErrors(parser.errors, tokens, characters, source), ...(tree && { tree }) };
}

function failed(source: Source, reason: Diagnostic): ConcretelyParsed {
  return { program: emptyProgram(source), diagnostics: [reason], tokens: [], comments: [] };
}

function emptyProgram(source: Source): Program {
  return { imports: [], declarations: [], span: { source, start: 0, end: source.text.length } };
}

/** The length in UTF-8; a code unit has at most three bytes, so that small texts need not be counted. */
function byteLength(text: string): number {
  return text.length * 3 <= sourceLimit ? text.length : new TextEncoder().encode(text).length;
}
