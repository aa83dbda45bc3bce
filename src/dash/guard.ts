// Access control of the dashboard. Any page in the user's browser can send requests to loopback, and DNS rebinding can make a foreign
// name resolve to it; so a request must have this server as its host, come from no other origin, and carry the token printed at the
// start.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Verdict =
  | { readonly kind: 'allowed' }
  /** The URL contains the token: it is moved to a cookie, to keep it out of the history. */
  | { readonly kind: 'enter'; readonly cookie: string }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly reason: string };

const refused = (status: 401 | 403, reason: string): Verdict => ({ kind: 'refused', status, reason });

export class Guard {
  /** 256 bits, in base64url. */
  readonly token = randomBytes(32).toString('base64url');

  /**
   * @param url the request's URL, parsed
   * @param port the server's port
   */
  judge({ headers }: Pick<IncomingMessage, 'headers'>, url: URL, port: number): Verdict {
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    if (headers.host === undefined || !hosts.includes(headers.host))
      return refused(403, 'the request names another host');
    const origins = hosts.map((host) => `http://${host}`);
    if (headers.origin !== undefined && !origins.includes(headers.origin))
      return refused(403, 'the request comes from another origin');
    const given = url.pathname === '/' ? url.searchParams.get('token') : null;
    if (given !== null) {
      if (!this.#isToken(given)) return refused(401, 'the token is wrong');
      return {
        kind: 'enter',
        cookie: `${cookieName(port)}=${this.token}; HttpOnly; SameSite=Strict; Path=/`,
      };
    }
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return refused(403, 'the request comes from another site');
    const [, bearer] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
    const known = bearer ?? cookieOf(headers.cookie, cookieName(port));
    if (known === undefined) return refused(401, 'open the address that `nnc dash` printed, with its token');
    return this.#isToken(known) ? { kind: 'allowed' } : refused(401, 'the token is wrong');
  }

  /** A constant-time comparison. */
  #isToken(given: string): boolean {
    const digest = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(given), digest(this.token));
  }
}

/** Cookies do not depend on the port: the name contains it, so that two dashboards on one machine do not collide. */
function cookieName(port: number): string {
  return `nnc_dash_${port}`;
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
