// Downloads one file over HTTP, complete and within a size limit, or throws a diagnostic. Redirects are followed manually: none may
// change the kind of URL, or lead from https to http.
import { fail } from '../../../diagnostics/diagnostic.ts';

export interface DownloadOptions {
  /** Maximum bytes. */
  readonly most: number;
  readonly signal?: AbortSignal;
  /** Timeout in milliseconds without data. */
  readonly patience?: number;
  progress?(received: number, total: number | undefined): void;
}

const mostRedirections = 5;
const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** @throws DiagnosticError when the server does not answer with the file, or with more of it than `most` */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const failed = (reason: string): never => fail('data.download', undefined, { url, reason });
  const watch = new Watch(options.patience ?? 60_000, options.signal);
  try {
    const response = await follow(url, watch.signal, failed);
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : Number(length);
    if (total !== undefined && total > options.most)
      failed(`it would be ${total} bytes, and at most ${options.most} are expected`);
    const pieces: Uint8Array[] = [];
    let received = 0;
    const reader = response.body?.getReader();
    for (;;) {
      const { value: piece } = (await reader?.read()) ?? {};
      if (!piece) break;
      watch.touch();
      received += piece.length;
      if (received > options.most) failed(`it is larger than the ${options.most} bytes that are expected`);
      pieces.push(piece);
      options.progress?.(received, total);
    }
    if (total !== undefined && received !== total) failed(`it ended after ${received} of ${total} bytes`);
    return new Uint8Array(Buffer.concat(pieces));
  } catch (error) {
    if (!(error instanceof TypeError) && !watch.signal.aborted) throw error;
    if (options.signal?.aborted) throw error;
    return failed(watch.signal.aborted ? 'nothing came for too long' : reasonOf(error));
  } finally {
    watch.end();
  }
}

async function follow(
  url: string,
  signal: AbortSignal,
  failed: (reason: string) => never,
): Promise<Response> {
  let at = new URL(url);
  for (let redirected = 0; redirected <= mostRedirections; redirected++) {
    const response = await fetch(at, { redirect: 'manual', signal });
    if (response.ok) return response;
    await response.body?.cancel();
    if (!redirections.has(response.status)) failed(`the server answers ${response.status}`);
    const location = response.headers.get('location');
    const next = location === null ? undefined : parse(location, at);
    if (!next) return failed('it is redirected to nowhere');
    const allowed = next.protocol === 'https:' || (next.protocol === 'http:' && at.protocol === 'http:');
    if (!allowed) failed(`it is redirected from ${at.protocol} to ${next.protocol}`);
    at = next;
  }
  return failed('it is redirected too often');
}

function parse(location: string, base: URL): URL | undefined {
  try {
    return new URL(location, base);
  } catch {
    return undefined;
  }
}

/** `fetch` wraps the cause: `fetch failed`, because of `connect ECONNREFUSED`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const inner = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : undefined;
  return inner ?? error.message;
}

/** Aborts after a time without progress. */
class Watch {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout;

  constructor(
    private readonly patience: number,
    outer: AbortSignal | undefined,
  ) {
    this.signal = outer ? AbortSignal.any([outer, this.#controller.signal]) : this.#controller.signal;
    this.#timer = this.#start();
  }

  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.patience);
  }
}
