// TensorBoard's files are decoded here without anything of what wrote them: the checksum bit by bit, the messages byte by byte.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { crc32c } from '../../../src/train/logs/crc32c.ts';
import { EventFile } from '../../../src/train/logs/event-file.ts';
import { eventRecord, histogramOf } from '../../../src/train/logs/tensorboard-events.ts';
import { openTensorBoardLog } from '../../../src/train/logs/tensorboard-log.ts';
import { lacks } from '../../support/facilities.ts';
import { epochReport, runContext, stepReport } from './run.ts';

function bitwiseCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const low = (crc ^ (byte >>> bit)) & 1;
      crc = (crc >>> 1) ^ (low ? 0x82f63b78 : 0);
    }
  return ~crc >>> 0;
}

function masked(bytes: Uint8Array): number {
  const crc = BigInt(bitwiseCrc(bytes));
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}

/** The messages of a file; every checksum is verified. */
function records(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(masked(bytes.subarray(at, at + 8)));
    const message = bytes.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(masked(message));
    found.push(message);
    at += 16 + length;
  }
  return found;
}

/** A message's fields by number: varints as bigint, doubles and floats as numbers, the rest as bytes. */
function fields(bytes: Uint8Array): Map<number, (bigint | number | Uint8Array)[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = new Map<number, (bigint | number | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    let value: bigint | number | Uint8Array;
    if (key % 8 === 0) value = varint();
    else if (key % 8 === 1) value = view.getFloat64((at += 8) - 8, true);
    else if (key % 8 === 5) value = view.getFloat32((at += 4) - 4, true);
    else {
      expect(key % 8).toBe(2);
      const length = Number(varint());
      value = bytes.subarray(at, (at += length));
    }
    const number = key >>> 3;
    found.set(number, [...(found.get(number) ?? []), value]);
  }
  return found;
}

const bytesOf = (value: unknown): Uint8Array => {
  expect(value).toBeInstanceOf(Uint8Array);
  return value as Uint8Array;
};
const text = (value: unknown) => new TextDecoder().decode(bytesOf(value));

interface Decoded {
  readonly time: unknown;
  readonly step: unknown;
  readonly version: string | undefined;
  readonly restart: boolean;
  readonly scalars: { readonly [tag: string]: unknown };
  readonly histograms: { readonly [tag: string]: Uint8Array };
}

function decode(message: Uint8Array): Decoded {
  const event = fields(message);
  const summary = event.get(5)?.[0];
  const values = summary === undefined ? [] : (fields(bytesOf(summary)).get(1) ?? []);
  const parsed = values.map((value) => fields(bytesOf(value)));
  const session = event.get(7)?.[0];
  return {
    time: event.get(1)?.[0],
    step: event.get(2)?.[0] ?? 0n,
    version: event.has(3) ? text(event.get(3)?.[0]) : undefined,
    restart: session !== undefined && fields(bytesOf(session)).get(1)?.[0] === 1n,
    scalars: Object.fromEntries(
      parsed.filter((value) => value.has(2)).map((value) => [text(value.get(1)?.[0]), value.get(2)?.[0]]),
    ),
    histograms: Object.fromEntries(
      parsed
        .filter((value) => value.has(5))
        .map((value) => [text(value.get(1)?.[0]), bytesOf(value.get(5)?.[0])]),
    ),
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnc-events-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function eventsOf(folder: string): Decoded[] {
  const names = readdirSync(folder).sort();
  names.forEach((name) => expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\.[\w-]+\.\d+\.\d+$/));
  return names.flatMap((name) => records(readFileSync(join(folder, name))).map(decode));
}

it('has the checksum of RFC 3720', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

describe('events', () => {
  it('hold time, step, tag and value', () => {
    const [message = new Uint8Array()] = records(
      eventRecord({
        time: 1.7e9 + 0.125,
        // more than 32 bits: a varint of five bytes
        step: 2 ** 33 + 5,
        content: { kind: 'summary', values: [{ tag: 'größe', scalar: 0.1 }] },
      }),
    );
    expect(decode(message)).toMatchObject({
      time: 1.7e9 + 0.125,
      step: BigInt(2 ** 33 + 5),
      version: undefined,
      scalars: { größe: Math.fround(0.1) },
    });
  });

  it('hold histograms whose buckets count every finite value', () => {
    const histogram = histogramOf(Float32Array.of(-1, -1, 0, 0.5, 2, NaN, Infinity));
    expect(histogram).toMatchObject({ min: -1, max: 2, count: 5, sum: 0.5, sumOfSquares: 6.25 });
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(5);
    expect(histogram.counts[0]).toBe(2);
    expect(histogram.limits.at(-1)).toBe(2);
    expect(histogram.limits.every((limit, i) => limit > (histogram.limits[i - 1] ?? -Infinity))).toBe(true);
    const [message = new Uint8Array()] = records(
      eventRecord({ time: 0, step: 1, content: { kind: 'summary', values: [{ tag: 'W', histogram }] } }),
    );
    const read = fields(decode(message).histograms['W'] ?? new Uint8Array());
    expect([1, 2, 3, 4, 5].map((field) => read.get(field)?.[0])).toEqual([-1, 2, 5, 0.5, 6.25]);
    const doubles = (value: unknown) => {
      const packed = Uint8Array.from(bytesOf(value));
      return [...new Float64Array(packed.buffer)];
    };
    expect(doubles(read.get(6)?.[0])).toEqual(histogram.limits);
    expect(doubles(read.get(7)?.[0])).toEqual(histogram.counts);
  });

  it('of constant and empty tensors have one bucket', () => {
    expect(histogramOf(Float32Array.of(3, 3))).toMatchObject({ limits: [3], counts: [2] });
    expect(histogramOf(new Float32Array())).toMatchObject({ count: 0, counts: [0] });
  });

  it('of a resumed run void what earlier files say of later steps', async () => {
    const folder = temporaryFolder();
    await (await EventFile.open(folder, 0)).close();
    const again = await EventFile.open(folder, 40);
    again.write(41, 1, [{ tag: 'loss', scalar: 1 }]);
    await again.close();
    const events = eventsOf(folder);
    expect(events.map(({ version }) => version)).toEqual([
      'brain.Event:2',
      'brain.Event:2',
      undefined,
      undefined,
    ]);
    expect(events[2]).toMatchObject({ restart: true, step: 41n });
    expect(events[3]).toMatchObject({ restart: false, step: 41n, scalars: { loss: 1 } });
  });
});

describe('the log of a run', () => {
  async function writeRun(): Promise<string> {
    const folder = temporaryFolder();
    const context = runContext(folder);
    const log = await openTensorBoardLog(context);
    log.started?.({
      epochs: 1,
      stepsPerEpoch: 2,
      batch: 4,
      examples: { train: 8, validation: 4, test: 4 },
      from: context.from,
    });
    log.stepped?.(stepReport(1, { batch: 1, loss: 2 }));
    log.epochEnded?.(epochReport(1, 2));
    log.tested?.({ examples: 4, loss: 0.75, metrics: new Map([['accuracy', 0.25]]) }, 'last');
    await log.close(undefined);
    return join(folder, 'tensorboard');
  }

  it('puts training, validation and test beside one another under the same tags', async () => {
    const folder = await writeRun();
    const [version, step, epoch] = eventsOf(join(folder, 'train'));
    expect(version).toMatchObject({ version: 'brain.Event:2' });
    expect(step).toMatchObject({ step: 1n, scalars: { loss: 2, accuracy: 0.5, samples_per_second: 100 } });
    expect(step?.scalars['learning_rate']).toBeCloseTo(0.1);
    expect(epoch).toMatchObject({ step: 2n, scalars: { epoch_loss: 1.5, epoch_accuracy: 0.5 } });
    expect(eventsOf(join(folder, 'validation'))[1]).toMatchObject({
      step: 2n,
      scalars: { loss: 1.25, accuracy: 0.75, epoch_loss: 1.25, epoch_accuracy: 0.75 },
    });
    expect(eventsOf(join(folder, 'test'))[1]).toMatchObject({ scalars: { loss: 0.75, accuracy: 0.25 } });
  });

  // set NNC_TENSORBOARD to a Python that has the package `tensorboard`
  const python = process.env['NNC_TENSORBOARD'];
  const noPython = python === undefined ? 'NNC_TENSORBOARD is not set' : undefined;
  it.skipIf(lacks('tensorboard', noPython))('is read by TensorBoard itself', async () => {
    const folder = await writeRun();
    const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = {}
for part in ('train', 'validation', 'test'):
    events = EventAccumulator(sys.argv[1] + '/' + part)
    events.Reload()
    found[part] = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}
print(json.dumps(found))`;
    const output = execFileSync(python ?? '', ['-c', script, folder], { encoding: 'utf8' });
    expect(JSON.parse(output)).toMatchObject({
      train: { loss: [[1, 2]], epoch_loss: [[2, 1.5]] },
      validation: { loss: [[2, 1.25]], accuracy: [[2, 0.75]] },
      test: { loss: [[2, 0.75]] },
    });
  });
});
