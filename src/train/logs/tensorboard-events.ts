// TensorBoard's events as bytes: an Event message of tensorflow/core/util/event.proto, framed as a TFRecord — the length and the
// message, each followed by its masked CRC-32C. Field numbers are those of event.proto, summary.proto and histogram.proto.
import { PbfWriter } from 'pbf';
import { maskedCrc32c } from './crc32c.ts';

export interface HistogramValue {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** The upper bound of each bucket, ascending; the first bucket begins at -∞ for a reader, but in fact at `min`. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

export type SummaryValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: HistogramValue };

export type EventContent =
  /** The first event of every file. */
  | { readonly kind: 'version' }
  /** Tells a reader to discard this and later steps of other files. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'summary'; readonly values: readonly SummaryValue[] };

export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly time: number;
  readonly step: number;
  readonly content: EventContent;
}

const eventField = { time: 1, step: 2, version: 3, summary: 5, session: 7 };
const sessionField = { status: 1 };
const sessionStart = 1;
const summaryField = { value: 1 };
const valueField = { tag: 1, scalar: 2, histogram: 5 };
const histogramField = { min: 1, max: 2, count: 3, sum: 4, sumOfSquares: 5, limits: 6, counts: 7 };

/** The event's record, to be appended to a file. */
export function eventRecord(event: TensorBoardEvent): Uint8Array {
  const writer = new PbfWriter();
  writer.writeDoubleField(eventField.time, event.time);
  writer.writeVarintField(eventField.step, event.step);
  const { content } = event;
  switch (content.kind) {
    case 'version':
      writer.writeStringField(eventField.version, 'brain.Event:2');
      break;
    case 'restart':
      writer.writeMessage(
        eventField.session,
        (status, session) => session.writeVarintField(sessionField.status, status),
        sessionStart,
      );
      break;
    case 'summary':
      writer.writeMessage(eventField.summary, writeValues, content.values);
      break;
  }
  return frame(writer.finish());
}

function writeValues(values: readonly SummaryValue[], writer: PbfWriter): void {
  for (const value of values) writer.writeMessage(summaryField.value, writeValue, value);
}

function writeValue(value: SummaryValue, writer: PbfWriter): void {
  writer.writeStringField(valueField.tag, value.tag);
  if ('scalar' in value) writer.writeFloatField(valueField.scalar, value.scalar);
  else writer.writeMessage(valueField.histogram, writeHistogram, value.histogram);
}

function writeHistogram(value: HistogramValue, writer: PbfWriter): void {
  writer.writeDoubleField(histogramField.min, value.min);
  writer.writeDoubleField(histogramField.max, value.max);
  writer.writeDoubleField(histogramField.count, value.count);
  writer.writeDoubleField(histogramField.sum, value.sum);
  writer.writeDoubleField(histogramField.sumOfSquares, value.sumOfSquares);
  writer.writePackedDouble(histogramField.limits, [...value.limits]);
  writer.writePackedDouble(histogramField.counts, [...value.counts]);
}

function frame(message: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + message.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(message, 12);
  view.setUint32(12 + message.length, maskedCrc32c(message), true);
  return record;
}

/** Of the finite values, in 30 buckets of equal width. */
export function histogramOf(values: Float32Array): HistogramValue {
  const finite = values.filter(Number.isFinite);
  const min = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const max = finite.reduce((most, value) => Math.max(most, value), -Infinity);
  const buckets = min < max ? 30 : 1;
  const width = (max - min) / buckets;
  const counts = new Array<number>(buckets).fill(0);
  for (const value of finite) {
    const bucket = width > 0 ? Math.min(buckets - 1, Math.floor((value - min) / width)) : 0;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return {
    min,
    max,
    count: finite.length,
    sum: finite.reduce((sum, value) => sum + value, 0),
    sumOfSquares: finite.reduce((sum, value) => sum + value * value, 0),
    limits: counts.map((_, bucket) => (bucket === buckets - 1 ? max : min + (bucket + 1) * width)),
    counts,
  };
}
