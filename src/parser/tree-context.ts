// The state while a syntax tree is built: the source, the diagnostics found and the nesting depth. Chevrotain's recovery leaves nodes
// with missing children; the helpers here give each of these a span.
import type { CstNode, IToken } from 'chevrotain';
import { allowancesIn } from '../diagnostics/allowed.ts';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source, Span } from '../diagnostics/source.ts';
import type { Expression, Name } from './ast.ts';

/** The maximum nesting of brackets, blocks and operators. */
export const nestingLimit = 100;

export class TreeContext {
  readonly diagnostics: Diagnostic[] = [];
  private depth = 0;
  private tooDeep = false;

  constructor(
    readonly source: Source,
    private readonly comments: readonly IToken[],
  ) {}

  span(start: number, end: number): Span {
    return { source: this.source, start, end };
  }

  tokenSpan(token: IToken): Span {
    const { startOffset, endOffset } = token;
    // A word that was mended has another length than what stands in the text.
    return this.span(
      startOffset,
      Math.max(startOffset, endOffset === undefined ? startOffset + token.image.length : endOffset + 1),
    );
  }

  /** A node's span; an empty node is at `fallback`. */
  nodeSpan(node: CstNode, fallback = 0): Span {
    const { startOffset, endOffset } = node.location ?? { startOffset: Number.NaN };
    if (Number.isNaN(startOffset) || endOffset === undefined) return this.span(fallback, fallback);
    return this.span(startOffset, Math.max(startOffset, endOffset + 1));
  }

  name(token: IToken): Name {
    return { text: token.image, span: this.tokenSpan(token) };
  }

  /** The placeholder for an expression with an error, which has been reported. */
  hole(span: Span): Expression {
    return { kind: 'none', span: this.span(span.end, span.end) };
  }

  /** Builds a part `levels` deeper, or reports once that the source is nested too deeply and returns `fallback`. */
  nested<T>(levels: number, span: Span, build: () => T, fallback: T): T {
    if (this.depth + levels > nestingLimit) {
      if (!this.tooDeep) this.diagnostics.push(diagnostic('syntax.nesting', span, { limit: nestingLimit }));
      this.tooDeep = true;
      return fallback;
    }
    this.depth += levels;
    const built = build();
    this.depth -= levels;
    return built;
  }

  /** The comment lines directly above an offset, each on its own line, without their slashes. What allows warnings documents nothing. */
  documentationAbove(offset: number): string | undefined {
    const { text } = this.source;
    const lines: string[] = [];
    let below = offset;
    for (let index = this.lastCommentBefore(offset); index >= 0; index--) {
      const comment = this.comments[index];
      if (!comment) break;
      const between = text.slice(comment.startOffset + comment.image.length, below);
      if (!/^\r?\n[ \t]*$/.test(between)) break;
      const lineStart = text.lastIndexOf('\n', comment.startOffset) + 1;
      if (text.slice(lineStart, comment.startOffset).trim() !== '') break;
      if (allowancesIn(comment.image).length === 0)
        lines.unshift(comment.image.replace(/^\/\/+ ?/, '').trimEnd());
      below = comment.startOffset;
    }
    return lines.length > 0 ? lines.join('\n') : undefined;
  }

  private lastCommentBefore(offset: number): number {
    let low = 0;
    let high = this.comments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.comments[middle]?.startOffset ?? Infinity) < offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** The first child of one kind; recovery may have left none. */
export function first<T>(children: readonly T[] | undefined): T | undefined {
  return children?.[0];
}

/** The word that a token is parsed as; a misspelt one keeps its own letters. */
export function wordOf({ tokenType, image }: IToken): string {
  return typeof tokenType.PATTERN === 'string' ? tokenType.PATTERN : image;
}
