// The dashboard's server: loopback only and read-only. Every request passes the guard first.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { loadAssets, type Asset } from './assets.ts';
import { streamEvents } from './event-stream.ts';
import { Guard } from './guard.ts';
import { RunWatch } from './run-watch.ts';

export interface Dashboard {
  /** The URL with the token. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

export interface DashboardOptions {
  /** `runs` */
  readonly folder: string;
  /** By default any free one. */
  readonly port?: number;
}

/** Maximum number of open streams, and of runs per stream: a page has one stream, and as many runs as colors. */
const mostStreams = 16;
const mostRuns = 8;

/** Maximum number of unauthenticated connections; beyond it, the oldest are closed. */
const mostStrangers = 32;

/** Timeouts for receiving a request, and the interval of checking them, in milliseconds. */
const limits = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 };

const headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** @throws a system error when the port is not available */
export async function startDashboard({ folder, port = 0 }: DashboardOptions): Promise<Dashboard> {
  const assets = await loadAssets();
  const watch = new RunWatch(folder);
  const ending = new AbortController();
  const guard = new Guard();
  let streams = 0;

  const server = createServer(limits, (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const url = parseUrl(request);
    if (!url) return refuse(response, 400, 'the address cannot be read');
    const verdict = guard.judge(request, url, portOf(server));
    if (verdict.kind === 'refused') return refuse(response, verdict.status, verdict.reason);
    strangers.delete(request.socket);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'the dashboard only shows');
    if (verdict.kind === 'enter') {
      response.writeHead(303, { 'Set-Cookie': verdict.cookie, Location: '/' }).end();
      return;
    }
    if (url.pathname === '/events' && request.method === 'GET') {
      if (streams >= mostStreams) return refuse(response, 503, 'too many pages are open');
      streams++;
      const gone = new AbortController();
      response.on('close', () => {
        streams--;
        gone.abort();
      });
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const keys = url.searchParams.getAll('run').slice(0, mostRuns);
      streamEvents(response, watch, keys, AbortSignal.any([gone.signal, ending.signal])).catch(() =>
        response.destroy(),
      );
      return;
    }
    const asset = assets.get(url.pathname);
    return asset ? serve(response, asset, request.method) : refuse(response, 404, 'there is nothing here');
  });
  server.maxConnections = 128;
  const strangers = boundStrangers(server);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen({ host: '127.0.0.1', port }, listening);
  });
  const own = portOf(server);
  const { token } = guard;
  return {
    address: `http://127.0.0.1:${own}/?token=${token}`,
    port: own,
    token,
    close: () =>
      new Promise((closed) => {
        ending.abort();
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/**
 * Limits half-open connections: a new one is always accepted, and the one idle for longest is closed. Authenticated connections must be
 * removed from the set.
 */
function boundStrangers(server: Server): Set<Socket> {
  const strangers = new Set<Socket>();
  server.on('connection', (socket) => {
    strangers.add(socket);
    socket.once('close', () => strangers.delete(socket));
    const [oldest] = strangers;
    if (strangers.size > mostStrangers) oldest?.destroy();
  });
  return strangers;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Only path and query; the host is checked by the guard. */
function parseUrl({ url = '/' }: IncomingMessage): URL | undefined {
  if (!url.startsWith('/')) return undefined;
  return URL.canParse(`http://localhost${url}`) ? new URL(`http://localhost${url}`) : undefined;
}

function serve(response: ServerResponse, { type, body }: Asset, method: string): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${reason}\n`);
}
