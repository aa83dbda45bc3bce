// The call stack of elaboration, and the errors found. An error in the library is shown at the user's call; a consequence of another
// error is not shown.
import type { DiagnosticArguments, DiagnosticCode } from '../diagnostics/codes.ts';
import { DiagnosticError, diagnostic, type DiagnosticOptions } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, Related } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import { ShapeError } from '../ops/operation.ts';
import { dependsOnValues } from './consequences.ts';
import { calledHere, originsOf } from './values/places.ts';
import { poison, type TensorValue, type Value } from './values/values.ts';

/** A call on the stack. */
export interface Call {
  readonly name: string;
  readonly span: Span;
  readonly path: string;
  /** Its tensor arguments. */
  readonly inputs?: readonly TensorValue[];
}

/** More errors than this are not reported. */
const maximumErrors = 20;

export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  private readonly calls: Call[] = [];
  /** Top-level calls that already reported a mismatch; later mismatches in them are treated as consequences. */
  private readonly spoiled = new Set<Call>();

  /** The depth of the current call. */
  get depth(): number {
    return this.calls.length;
  }

  /** The innermost call. */
  get call(): Call | undefined {
    return this.calls.at(-1);
  }

  /** Runs `body` within a call. */
  within<T>(call: Call, body: () => T): T {
    this.calls.push(call);
    try {
      return body();
    } finally {
      this.calls.pop();
    }
  }

  /** The innermost place in the user's text on the call stack of the span. */
  userSpan(span: Span): Span {
    if (!span.source.library) return span;
    return this.calls.findLast((call) => !call.span.source.library)?.span ?? span;
  }

  /** An error at a place; for a place in the library, the user's call comes first and the library's line second. */
  error<K extends DiagnosticCode>(
    code: K,
    span: Span,
    args: DiagnosticArguments[K],
    options: DiagnosticOptions = {},
  ): Diagnostic {
    return this.situate(diagnostic(code, span, args, options), span);
  }

  /** Throws an error; `attempt` catches it. */
  fail<K extends DiagnosticCode>(
    code: K,
    span: Span,
    args: DiagnosticArguments[K],
    options: DiagnosticOptions = {},
  ): never {
    throw new DiagnosticError([this.error(code, span, args, options)]);
  }

  /** Abandons a value whose error was reported already. */
  abandon(): never {
    throw new DiagnosticError([]);
  }

  report(found: Diagnostic): void {
    const again = this.diagnostics.some(
      (known) =>
        (isTooMuch(known) && isTooMuch(found)) ||
        (known.code === found.code &&
          known.span?.start === found.span?.start &&
          known.span?.source === found.span?.source),
    );
    const [root] = this.calls;
    if (again || this.diagnostics.length >= maximumErrors) return;
    if (root && dependsOnValues(found.code)) {
      if (this.spoiled.has(root)) return;
      this.spoiled.add(root);
    }
    this.diagnostics.push(found);
  }

  /** Runs `body`; an error is reported, at `span` if it has no place, and the result is poison. */
  attempt(span: Span, body: () => Value): Value {
    const depth = this.calls.length;
    try {
      return body();
    } catch (thrown) {
      for (const found of this.diagnosticsOf(thrown, span)) this.report(found);
      this.calls.length = depth;
      return poison;
    }
  }

  /** The diagnostics of a thrown error; other errors, which are bugs of the compiler, are rethrown. */
  private diagnosticsOf(thrown: unknown, span: Span): readonly Diagnostic[] {
    if (thrown instanceof ShapeError) return [this.error('shape.primitive', span, { text: thrown.message })];
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    return thrown.diagnostics.map((found) => (found.span ? found : this.situate({ ...found, span }, span)));
  }

  private situate(found: Diagnostic, span: Span): Diagnostic {
    const user = this.userSpan(span);
    const userCalls = this.calls.filter((call) => !call.span.source.library).reverse();
    const [inner] = userCalls;
    const within = `within \`${inner?.name ?? 'the library'}\`, in the standard library`;
    const places: Related[] = [...(user === span ? [] : [{ span, message: within }]), ...found.related];
    if (dependsOnValues(found.code)) {
      for (const call of userCalls.slice(0, shownCalls))
        places.push(...(covers(call.span, user) ? originsOf(call.inputs ?? []) : [calledHere(call)]));
    }
    const related = places.filter(
      (place, i) =>
        !sameSpan(place.span, user) && places.findIndex((each) => sameSpan(each.span, place.span)) === i,
    );
    return { ...found, span: user, related };
  }
}

/** How many calls, from the innermost outward, an error shows. */
const shownCalls = 3;

function covers(outer: Span, inner: Span): boolean {
  return outer.source === inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

function sameSpan(left: Span, right: Span): boolean {
  return left.source === right.source && left.start === right.start && left.end === right.end;
}

/** Errors that end elaboration: the first of them is reported, since what follows means nothing. */
function isTooMuch({ code }: Diagnostic): boolean {
  return code === 'model.too-large' || code === 'model.too-long';
}
