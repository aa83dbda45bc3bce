// The grade of a message: of a mistake, what is wrong, where, what is right instead, and how to mend it, three quarters of a point each.
// All four are read off what the user is shown, and the mend is carried out.

/** A mistake, as a person makes it, with what was meant. `wrong` has `«…»` around what is wrong. */
export interface Mistake {
  readonly habit: string;
  readonly wrong: string;
  readonly right: string;
  /** How many mistakes it holds, each of which may have a message of its own; one where it is not said. */
  readonly holds?: number;
}

/** What is shown of a mistake. */
export interface Shown {
  /** Of the message that names the mistake. */
  readonly message: string;
  readonly help: string;
  /** How an edit is worded. */
  readonly edit: string;
  /** Whether the place shown is the mistake's. */
  readonly placed: boolean;
}

export interface Grade {
  readonly named: boolean;
  readonly placed: boolean;
  readonly expected: boolean;
  readonly mended: boolean;
}

export const part = 0.75;

export function points(grade: Grade): number {
  return part * Object.values(grade).filter(Boolean).length;
}

export function average(grades: readonly Grade[]): number {
  return grades.reduce((sum, grade) => sum + points(grade), 0) / Math.max(1, grades.length);
}

/** A text without its marks, and the range of what stood between them. */
export function unmark(text: string): {
  readonly text: string;
  readonly start: number;
  readonly end: number;
} {
  const start = text.indexOf('«');
  const end = text.indexOf('»') - 1;
  if (start < 0 || end < start) throw new Error(`not marked: ${text}`);
  return { text: text.replace('«', '').replace('»', ''), start, end };
}

/** Words, numbers and signs. */
export function wordsOf(text: string): string[] {
  return text.match(/--?[A-Za-z][\w-]*|\w+|["'`()[\]{}]|[^\s\w"'`()[\]{}]+/g) ?? [];
}

/** The user's own word is in the message: the mark, or the first of its words where it is long. */
export function isNamed(marked: string, { message }: Shown): boolean {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
  const [first = ''] = plain(marked).split(/(?<=\w)(?=[^\w.'"-])/);
  return plain(message).includes(plain(marked)) || (first !== '' && plain(message).includes(first));
}

/**
 * What is right instead is said: something of the right text that the wrong one lacks; or, where the mend only leaves something out, a
 * sentence of help.
 */
export function isExpected(wrong: string, right: string, { message, help, edit }: Shown): boolean {
  const had = wordsOf(wrong);
  const fresh = wordsOf(right).filter((word) => {
    const at = had.indexOf(word);
    if (at >= 0) had.splice(at, 1);
    return at < 0;
  });
  if (fresh.length === 0) return /\w+ \w+ \w+/.test(help) || /: .*\w+ \w+/.test(message);
  const said = new Set(wordsOf(`${message} ${help} ${edit}`));
  return fresh.some((word) => said.has(word));
}

/** What stands between backquotes. */
export function snippets(help: string): string[] {
  return [...help.matchAll(/`([^`]+)`/g)].map(([, snippet = '']) => snippet);
}
