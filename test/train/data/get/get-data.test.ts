import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getData } from '../../../../src/train/data/get/get-data.ts';
import {
  publishedSets,
  type PublishedFile,
  type PublishedSet,
} from '../../../../src/train/data/get/published.ts';
import { sources } from '../../../../src/train/data/sources/sources.ts';
import { diagnosticOf } from '../files.ts';

const contents = new TextEncoder().encode('the file');
const packed = gzipSync(contents);
const sha256 = (bytes: Uint8Array) => ({
  algorithm: 'sha256' as const,
  value: createHash('sha256').update(bytes).digest('hex'),
});

let server: Server;
let base: string;
let root: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeEach(async () => {
  answer = (_, response) => void response.end(packed);
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  root = await mkdtemp(join(tmpdir(), 'nnc-get-'));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(root, { recursive: true });
});

const set = (changed: Partial<PublishedFile> = {}): PublishedSet => ({
  name: 'tiny',
  folder: 'tiny-set',
  files: [
    {
      url: `${base}file.gz`,
      most: 1000,
      form: 'gzip',
      contents: [{ name: 'file', size: contents.length, digest: sha256(contents) }],
      ...changed,
    },
  ],
});

const get = (changed?: Partial<PublishedFile>) => getData('tiny', { root, patience: 2000 }, [set(changed)]);

/** What is wrong, with nothing left behind. */
async function refused(changed?: Partial<PublishedFile>): Promise<string> {
  const found = await get(changed).then(() => undefined, diagnosticOf);
  expect(await readdir(root, { recursive: true })).toEqual([]);
  expect(found?.code).toBe('data.download');
  return String(new Map<string, unknown>(Object.entries(found?.args ?? {})).get('reason'));
}

describe('a data set that is downloaded', () => {
  it('lies in its folder, unpacked', async () => {
    const told: number[] = [];
    const found = await getData('tiny', { root, progress: (_, received) => told.push(received) }, [set()]);
    expect(found).toEqual({ folder: join(root, 'tiny-set'), written: ['file'], kept: [] });
    expect(await readFile(join(root, 'tiny-set', 'file'), 'utf8')).toBe('the file');
    expect(told.at(-1)).toBe(packed.length);
  });

  it('is not downloaded twice, but again where it is damaged', async () => {
    await get();
    let asked = 0;
    answer = (_, response) => {
      asked++;
      response.end(packed);
    };
    expect(await get()).toMatchObject({ written: [], kept: ['file'] });
    expect(asked).toBe(0);
    await writeFile(join(root, 'tiny-set', 'file'), 'the fil?');
    expect(await get()).toMatchObject({ written: ['file'], kept: [] });
    expect(await readFile(join(root, 'tiny-set', 'file'), 'utf8')).toBe('the file');
  });

  it('may be redirected', async () => {
    answer = (request, response) => {
      if (request.url === '/file.gz') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end(packed);
    };
    expect(await get()).toMatchObject({ written: ['file'] });
  });

  it('may be an archive, of which the files of the set are kept', async () => {
    const archive = gzipSync(tar({ 'set/b.bin': 'second', 'set/readme.html': 'x', 'set/a.bin': 'first' }));
    answer = (_, response) => void response.end(archive);
    const names = (...kept: string[]) => ({
      form: 'tar.gz' as const,
      most: 10_000,
      contents: kept.map((name) => ({ name, size: name.startsWith('a') ? 5 : 6 })),
    });
    expect(await get(names('a.bin', 'b.bin'))).toMatchObject({ written: ['a.bin', 'b.bin'] });
    expect(await readFile(join(root, 'tiny-set', 'a.bin'), 'utf8')).toBe('first');
    await rm(join(root, 'tiny-set'), { recursive: true });
    expect(await refused(names('c.bin'))).toBe('the archive has no c.bin');
    const damaged = gzipSync(tar({ 'set/a.bin': 'first' }).subarray(0, 700));
    answer = (_, response) => void response.end(damaged);
    expect(await refused(names('a.bin'))).toMatch(/it is no tar archive/);
  });
});

describe('a download is refused', () => {
  it.each<[string, (response: ServerResponse) => void, Partial<PublishedFile>, RegExp]>([
    [
      'with another digest',
      (r) => r.end(packed),
      { digest: sha256(contents) },
      /is not what was published: its sha256 is [0-9a-f]{64}, not/,
    ],
    ['with other contents', (r) => r.end(gzipSync('the fils')), {}, /^file is not what was published/],
    ['cut short', (r) => r.end(packed.subarray(0, 12)), {}, /cannot be unpacked/],
    ['that is larger inside', (r) => r.end(gzipSync('the file and more')), {}, /cannot be unpacked/],
    [
      'that says it is larger',
      (r) => r.writeHead(200, { 'content-length': 2000 }).end(Buffer.alloc(2000)),
      {},
      /it would be 2000 bytes/,
    ],
    [
      'that is larger',
      (r) => (r.write(Buffer.alloc(600)), r.end(Buffer.alloc(600))),
      {},
      /larger than the 1000 bytes/,
    ],
    [
      'that is broken off',
      (r) => (r.writeHead(200, { 'content-length': 500 }), r.write('x'), setTimeout(() => r.destroy(), 20)),
      {},
      /./,
    ],
    ['that is not there', (r) => r.writeHead(404).end('no'), {}, /the server answers 404/],
    [
      'redirected to a file',
      (r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      {},
      /redirected from http: to file:/,
    ],
    [
      'redirected to data',
      (r) => r.writeHead(307, { location: 'data:text/plain,x' }).end(),
      {},
      /redirected from http: to data:/,
    ],
    ['redirected to nowhere', (r) => r.writeHead(302).end(), {}, /redirected to nowhere/],
    [
      'redirected for ever',
      (r) => r.writeHead(301, { location: '/again' }).end(),
      {},
      /redirected too often/,
    ],
  ])('%s', async (_, respond, changed, reason) => {
    answer = (_request, response) => respond(response);
    expect(await refused(changed)).toMatch(reason);
  });

  it('where no server answers, or nothing comes for too long', async () => {
    answer = (_, response) => void response.write('x');
    const waited = await getData('tiny', { root, patience: 50 }, [set()]).catch(diagnosticOf);
    expect(waited).toMatchObject({ args: { reason: 'nothing came for too long' } });
    expect(await refused({ url: 'http://127.0.0.1:9/x.gz' })).toMatch(/./);
  });

  it('of a name that is not known', async () => {
    const found = await getData('mnits', { root }).catch(diagnosticOf);
    expect(found).toMatchObject({ code: 'data.unpublished', args: { help: 'Did you mean `mnist`?' } });
  });
});

it('the sets that are published are data sources, encrypted or with digests of their contents', () => {
  for (const { name, files } of publishedSets) {
    expect(sources.has(name)).toBe(true);
    for (const { url, digest, contents: kept } of files) {
      expect(digest !== undefined || kept.every((file) => file.digest)).toBe(true);
      expect(url).toMatch(/^https?:/);
    }
  }
});

function tar(files: { readonly [name: string]: string }): Uint8Array {
  const blocks = Object.entries(files).map(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(text.length.toString(8).padStart(11, '0'), 124);
    header.write('        ', 148);
    header.write('0', 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([header, Buffer.from(text.padEnd(512, '\0'))]);
  });
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
