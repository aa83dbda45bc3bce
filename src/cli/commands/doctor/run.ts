// `nnc doctor`: finds, and shows what was found. It fails only where no target can train.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { exitCodes } from '../../failure.ts';
import type { Streams } from '../../streams.ts';
import { findAll, type Finding } from './findings.ts';

export interface DoctorOptions {
  readonly 'data-root': string | undefined;
  readonly json: boolean;
}

export async function examine(options: DoctorOptions, streams: Streams): Promise<number> {
  const { 'data-root': dataRoot, json } = options;
  const { findings, canTrain } = await findAll(
    { folder: process.cwd(), ...(dataRoot !== undefined && { dataRoot }) },
    streams,
  );
  streams.result(json ? printableJson({ canTrain, findings }) : show(findings, canTrain));
  return canTrain ? exitCodes.done : exitCodes.badInput;
}

function show(findings: readonly Finding[], canTrain: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, ok, found, help }) => [
    `${ok ? '✓' : '–'} ${name.padEnd(width)}  ${printable(found)}`,
    ...(help === undefined ? [] : [`  ${' '.repeat(width)}  ${printable(help)}`]),
  ]);
  return [...lines, '', canTrain ? 'Models can be trained here.' : 'No model can be trained here.'].join(
    '\n',
  );
}
