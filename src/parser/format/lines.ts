// Joins pieces into indented lines. A line that starts inside brackets is aligned with the first item in the bracket; the continuation of
// a statement is indented further than the statement.
import type { IToken } from 'chevrotain';
import * as tokens from '../tokens.ts';
import { closesBlock, closesBracket, opensBlock, opensBracket, type Piece } from './gaps.ts';

/** Columns in which neighboring lines are aligned. */
export type Column = 'input' | 'loss' | 'data' | 'let';

export interface Line {
  readonly indent: number;
  text: string;
  comment: string | undefined;
  readonly blankBefore: boolean;
  /** Where spaces may be inserted to align the line with its neighbors. */
  column: { readonly kind: Column; readonly at: number } | undefined;
}

type Frame =
  | { readonly kind: 'block'; readonly piece: Piece; afterKeyword: number; parameters: number }
  | { readonly kind: 'bracket'; readonly content: number; readonly closing: number };

const indentWidth = 2;

const columns = new Map<string, Column>([
  ...[['input', 'input'] as const, ['target', 'input'] as const],
  ...[['loss', 'loss'] as const, ['optimizer', 'loss'] as const],
  ...[['schedule', 'loss'] as const, ['metrics', 'loss'] as const, ['clip', 'loss'] as const],
  ...[['data', 'data'] as const, ['train', 'data'] as const],
]);

export function layOut(pieces: readonly Piece[], rest: readonly IToken[], text: string): Line[] {
  const writer = new Writer(text);
  for (const [index, piece] of pieces.entries()) writer.write(piece, pieces[index - 1]);
  writer.writeRest(rest);
  return writer.lines;
}

class Writer {
  readonly lines: Line[] = [];
  private readonly frames: Frame[] = [];
  private outermost = { afterKeyword: 0, parameters: 0 };
  private blocks = 0;
  /** The offset up to which the text has been written. */
  private end = 0;
  /** The first piece of the current statement, if it is a model's item on one line so far. */
  private item: { readonly piece: Piece; readonly line: Line; second?: Piece } | undefined;

  constructor(private readonly text: string) {}

  write(piece: Piece, before: Piece | undefined): void {
    const closing = closesBlock(piece) || closesBracket(piece);
    this.writeComments(piece.comments, piece, before);
    if (closesBlock(piece)) this.blocks -= 1;
    if (before === undefined || piece.breaks) {
      const inner = this.frames.at(-1);
      const indent = this.indentOf(piece, before, inner);
      this.begin(indent, this.blankBefore(piece, before), piece.token.image);
    } else this.append(' '.repeat(piece.spaces) + piece.token.image);
    if (closing) this.frames.pop();
    this.note(piece, before);
    this.end = piece.token.startOffset + piece.token.image.length;
  }

  writeRest(comments: readonly IToken[]): void {
    this.writeComments(comments, undefined, undefined);
  }

  private begin(indent: number, blankBefore: boolean, text: string): void {
    const blank = blankBefore && this.lines.length > 0;
    this.lines.push({ indent, text, comment: undefined, blankBefore: blank, column: undefined });
  }

  private append(text: string): void {
    const line = this.lines.at(-1);
    if (line) line.text += text;
  }

  private get line(): Line | undefined {
    return this.lines.at(-1);
  }

  /** The current column. */
  private get position(): number {
    return (this.line?.indent ?? 0) + (this.line?.text.length ?? 0);
  }

  private writeComments(
    comments: readonly IToken[],
    piece: Piece | undefined,
    before: Piece | undefined,
  ): void {
    for (const [index, comment] of comments.entries()) {
      const image = comment.image.trimEnd();
      const between = this.text.slice(this.end, comment.startOffset);
      if (index === 0 && this.line && !/[\r\n]/.test(between)) this.line.comment = image;
      else this.begin(this.commentIndent(piece, before), this.keepsBlank(between, before, index > 0), image);
      this.end = comment.startOffset + comment.image.length;
    }
  }

  private keepsBlank(between: string, before: Piece | undefined, behindComment: boolean): boolean {
    if (!isBlank(between) || this.insideStatement()) return false;
    return behindComment || before === undefined || !opensBlock(before);
  }

  private blankBefore(piece: Piece, before: Piece | undefined): boolean {
    if (piece.begins === undefined || !isBlank(this.text.slice(this.end, piece.token.startOffset)))
      return false;
    return piece.comments.length > 0 || before === undefined || !opensBlock(before);
  }

  private insideStatement(): boolean {
    return this.frames.at(-1)?.kind === 'bracket';
  }

  private commentIndent(piece: Piece | undefined, before: Piece | undefined): number {
    if (!piece) return 0;
    const inner = this.frames.at(-1);
    if (closesBlock(piece)) return this.blocks * indentWidth;
    if (inner?.kind === 'bracket') return inner.content;
    return this.indentOf(piece, before, inner);
  }

  /** The indentation of a line that starts with a piece. */
  private indentOf(piece: Piece, before: Piece | undefined, inner: Frame | undefined): number {
    if (inner?.kind === 'bracket') return closesBracket(piece) ? inner.closing : inner.content;
    const own = this.blocks * indentWidth;
    if (piece.begins || closesBlock(piece) || before === undefined) return own;
    const marks = inner ?? this.outermost;
    if (piece.role.rule === 'parameters' && opensBracket(piece) && before.role.rule === 'parameters')
      return marks.parameters;
    return before.token.tokenType === tokens.Comma ? marks.afterKeyword : own + indentWidth;
  }

  /** Updates the state on which later lines depend. */
  private note(piece: Piece, before: Piece | undefined): void {
    const start = this.position - piece.token.image.length;
    const inner = this.frames.at(-1);
    const marks = inner?.kind === 'block' ? inner : this.outermost;
    if (inner?.kind !== 'bracket') {
      if (before?.begins && !piece.begins) marks.afterKeyword = start;
      if (piece.role.rule === 'parameters' && opensBracket(piece) && before?.role.rule !== 'parameters')
        marks.parameters = start;
    }
    this.noteItem(piece, before);
    if (opensBlock(piece)) {
      this.frames.push({ kind: 'block', piece, afterKeyword: 0, parameters: 0 });
      this.blocks += 1;
    } else if (opensBracket(piece)) {
      const own = this.line?.indent ?? 0;
      const inside = piece.token.tokenType === tokens.OpenBrace ? 1 : 0;
      this.frames.push({
        kind: 'bracket',
        content: piece.hangs ? own + indentWidth : this.position + inside,
        closing: piece.hangs ? own : start,
      });
    }
  }

  /** Offers a column on the line of a model's item; an item on several lines withdraws it. */
  private noteItem(piece: Piece, before: Piece | undefined): void {
    const { line } = this;
    if (!line) return;
    if (piece.begins === 'item') this.item = { piece, line };
    // The model's closing brace ends its last item.
    else if (this.frames.length === 0) this.item = undefined;
    if (!this.item) return;
    if (this.item.line !== line) {
      this.item.line.column = undefined;
      this.item = undefined;
      return;
    }
    const keyword = this.item.piece.token.image;
    const kind = columns.get(keyword);
    const at = line.text.length - piece.token.image.length;
    if (before === this.item.piece) {
      this.item.second = piece;
      if (kind) line.column = { kind, at };
    }
    if (keyword !== 'let' || this.frames.length !== 1) return;
    // Only a `let` of a single name is aligned.
    if (piece.token.tokenType === tokens.Equals && before === this.item.second)
      line.column = { kind: 'let', at };
    if (piece.token.tokenType === tokens.Comma) line.column = undefined;
  }
}

/** Whether the text between two tokens contains a blank line. */
function isBlank(between: string): boolean {
  return (between.match(/\r\n|\r|\n/g)?.length ?? 0) > 1;
}
