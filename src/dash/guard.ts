// Who may talk to the dashboard. Any page that is open in the user's browser can send requests to loopback, and a name that somebody
// else controls can be made to resolve to it; so a request must name this server as its host, come from no other page, and carry the
// token that was printed where the dashboard was started.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Verdict =
  | { readonly kind: 'allowed' }
  /** The right token stands in the address: it is to become a cookie, so that it stays out of the history. */
  | { readonly kind: 'enter'; readonly cookie: string }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly reason: string };

const refused = (status: 401 | 403, reason: string): Verdict => ({ kind: 'refused', status, reason });

export class Guard {
  /** 256 bits, in base64url. */
  readonly token = randomBytes(32).toString('base64url');

  /**
   * @param url the request's address, parsed
   * @param port the server's
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

  /** Takes the same time whatever is wrong. */
  #isToken(given: string): boolean {
    const digest = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(given), digest(this.token));
  }
}

/** Cookies know no ports: two dashboards of one machine must not take each other's. */
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
