import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDashboard, type Dashboard } from '../../src/dash/server.ts';
import { folderWith } from '../cli/program.ts';

async function dashboard(): Promise<Dashboard> {
  const folder = folderWith({ 'runs/digits/one/run.json': '{"ended":"completed"}', 'secret.txt': 'secret' });
  const started = await startDashboard({ folder: `${folder}/runs` });
  onTestFinished(() => started.close());
  return started;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  readonly body: string;
}

/** Paths and headers go out as they are given: nothing is made decent on the way. */
function ask(
  { port }: Dashboard,
  path: string,
  headers: { readonly [name: string]: string } = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((answered, failed) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => answered({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.on('error', failed).end();
  });
}

const bearer = ({ token }: Dashboard) => ({ Authorization: `Bearer ${token}` });

describe('the dashboard lets nobody else in', () => {
  it('asks for the token, as a cookie or in a header', async () => {
    const dash = await dashboard();
    for (const path of ['/', '/dashboard.js', '/events', '/nothing']) {
      expect((await ask(dash, path)).status).toBe(401);
      expect((await ask(dash, path, { Authorization: 'Bearer wrong' })).status).toBe(401);
      expect((await ask(dash, path, { Cookie: `nnc_dash_${dash.port}=wrong` })).status).toBe(401);
    }
    expect((await ask(dash, '/?token=wrong')).status).toBe(401);
    expect((await ask(dash, '/', bearer(dash))).status).toBe(200);

    const entered = await ask(dash, `/?token=${dash.token}`);
    expect([entered.status, entered.headers['location'], entered.body]).toEqual([303, '/', '']);
    const [cookie = ''] = entered.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await ask(dash, '/', { Cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
    // a token is for the first page alone: nothing else takes it from the address
    expect((await ask(dash, `/dashboard.js?token=${dash.token}`)).status).toBe(401);
  });

  it('answers to its own names alone', async () => {
    const dash = await dashboard();
    const hosts = ['evil.example', `evil.example:${dash.port}`, '127.0.0.1', `localhost:${dash.port + 1}`];
    for (const Host of hosts)
      for (const path of ['/', '/events', `/?token=${dash.token}`])
        expect((await ask(dash, path, { ...bearer(dash), Host })).status).toBe(403);
    expect((await ask(dash, '/', { ...bearer(dash), Host: `localhost:${dash.port}` })).status).toBe(200);
  });

  it('answers no other page: neither for assets nor for the stream of events', async () => {
    const dash = await dashboard();
    const origins = ['http://evil.example', 'null', `https://127.0.0.1:${dash.port}`, 'http://127.0.0.1:1'];
    for (const Origin of origins)
      for (const path of ['/', '/events', '/dashboard.js'])
        expect((await ask(dash, path, { ...bearer(dash), Origin })).status).toBe(403);
    const own = `http://127.0.0.1:${dash.port}`;
    expect((await ask(dash, '/', { ...bearer(dash), Origin: own })).status).toBe(200);
    for (const site of ['cross-site', 'same-site'])
      expect((await ask(dash, '/curves.js', { ...bearer(dash), 'Sec-Fetch-Site': site })).status).toBe(403);
  });

  it('serves its own table of assets, and no file of any path', async () => {
    const dash = await dashboard();
    const paths = [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/runs/digits/one/run.json',
      '/dashboard.ts',
      '/dashboard.js/',
      '//dashboard.js',
      '/__proto__',
      '/constructor',
      '/%00',
    ];
    for (const path of paths) {
      const { status, body } = await ask(dash, path, bearer(dash));
      expect([path, status]).toEqual([path, 404]);
      expect(body).not.toContain('secret');
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask(dash, '/', bearer(dash), method)).status).toBe(405);
    expect(await ask(dash, '/', bearer(dash), 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('says with every answer what a page may do', async () => {
    const dash = await dashboard();
    for (const headers of [{}, bearer(dash)]) {
      const found = (await ask(dash, '/', headers)).headers;
      expect(found['content-security-policy']).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(found['content-security-policy']).not.toContain('unsafe');
      expect(found['x-content-type-options']).toBe('nosniff');
      expect(found['access-control-allow-origin']).toBeUndefined();
    }
    const { body } = await ask(dash, '/', bearer(dash));
    expect(body).not.toMatch(/<script>|<style>| style=| on\w+=/);
  });

  it('listens on loopback alone, and outlives what is no request', async () => {
    const dash = await dashboard();
    for (const nonsense of ['GET', '\u0000\u0000\u0000', 'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n']) {
      const socket = connect(dash.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((written) => socket.write(nonsense, () => written()));
      socket.destroy();
    }
    const { status } = await ask(dash, 'http://evil.example/', bearer(dash));
    expect(status).toBe(400);
    expect((await ask(dash, '/', bearer(dash))).status).toBe(200);
  });

  it('is not held up by requests that never end', async () => {
    const dash = await dashboard();
    const open = async (text: string) => {
      const socket = connect(dash.port, '127.0.0.1');
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
      await new Promise<void>((connected) => socket.once('connect', () => connected()));
      socket.write(text);
    };
    for (let i = 0; i < 300; i++) await open(i % 2 === 0 ? '' : 'GET / HTTP/1.1\r\nHost: ');
    // nor by those that were refused, and stay
    for (let i = 0; i < 100; i++) await open(`GET / HTTP/1.1\r\nHost: localhost:${dash.port}\r\n\r\n`);
    expect((await ask(dash, '/', bearer(dash))).status).toBe(200);
  });

  it('keeps a page that is open while strangers come', async () => {
    const dash = await dashboard();
    let text = '';
    const asked = request({
      ...{ host: '127.0.0.1', port: dash.port, path: '/events' },
      headers: bearer(dash),
    });
    const ended = new Promise<string>((closed) => asked.on('close', () => closed('closed')));
    await new Promise<void>((came) => {
      asked.on('response', (response) => {
        response.setEncoding('utf8').on('data', (part: string) => ((text += part), came()));
        response.on('error', () => undefined);
      });
      asked.on('error', () => undefined).end();
    });
    for (let i = 0; i < 100; i++) {
      const socket = connect(dash.port, '127.0.0.1').on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
      await new Promise<void>((connected) => socket.once('connect', () => connected()));
    }
    expect((await ask(dash, '/', bearer(dash))).status).toBe(200);
    expect(text).toContain('event: runs');
    expect(await Promise.race([ended, Promise.resolve('open')])).toBe('open');
    asked.destroy();
  });
});
