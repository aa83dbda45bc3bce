// What is looked for, in order. Each finding says what is there, or what is missing and how to get it.
import { availableParallelism } from 'node:os';
import { diagnosticText } from '../../../diagnostics/message.ts';
import { DiagnosticError } from '../../../diagnostics/diagnostic.ts';
import { permanentFolder } from '../../../driver/cache.ts';
import { gpuModes, lackOf } from '../../../runtime/gpu/modes.ts';
import { sharedMemory } from '../../../runtime/wasm/features.ts';
import { usualThreads } from '../../../runtime/wasm/host.ts';
import { targetNames, targets } from '../../../targets/table.ts';
import { locateSet, setNames } from '../../../train/data/sources/image-sources.ts';
import type { DataRoots } from '../../../train/data/sources/paths.ts';
import type { Streams } from '../../streams.ts';
import { version } from '../../version.ts';

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What is there, or why it is not. */
  readonly found: string;
  /** What to do where it is not there. */
  readonly help?: string;
}

export interface Findings {
  readonly findings: readonly Finding[];
  /** Whether any target can train. */
  readonly canTrain: boolean;
}

export async function findAll(roots: DataRoots, streams: Streams): Promise<Findings> {
  const trained = await findTargets();
  return {
    findings: [
      { name: 'nnc', ok: true, found: version() },
      // the command does not start on one that is too old
      { name: 'Node', ok: true, found: process.versions.node },
      ...trained,
      ...(await findModes()),
      await findThreads(),
      findCache(),
      findTerminal(streams),
      ...(await findDataSets(roots)),
    ],
    canTrain: trained.some(({ ok }) => ok),
  };
}

async function findTargets(): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const name of targetNames) {
    const missing = await targets[name].missing();
    const label = `target ${name}`;
    if (!missing) found.push({ name: label, ok: true, found: await targets[name].present() });
    else {
      const { help } = diagnosticText(missing.diagnostic);
      found.push({ name: label, ok: false, found: missing.reason, ...(help !== undefined && { help }) });
    }
  }
  return found;
}

async function findModes(): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const mode of gpuModes) {
    const lack = await lackOf(mode);
    found.push({
      name: `mode ${mode}`,
      ok: !lack,
      found: lack?.problem ?? 'runs here',
      ...(lack && { help: lack.remedy }),
    });
  }
  return found;
}

async function findThreads(): Promise<Finding> {
  const cores = availableParallelism();
  const shared = sharedMemory();
  return {
    name: 'threads',
    ok: shared,
    found: shared
      ? `${await usualThreads()} by default on ${cores} cores, with SharedArrayBuffer`
      : 'there is no SharedArrayBuffer, and one thread computes',
    ...(!shared && { help: 'Start Node without `--no-harmony-sharedarraybuffer`.' }),
  };
}

function findCache(): Finding {
  const folder = permanentFolder();
  return {
    name: 'cache',
    ok: folder !== undefined,
    found: folder ?? 'no folder that you alone can write; what is compiled is kept until a command ends',
    ...(folder === undefined && { help: 'Name one in NNC_CACHE.' }),
  };
}

function findTerminal({ terminal, color }: Streams): Finding {
  return {
    name: 'terminal',
    ok: terminal !== undefined,
    found: terminal
      ? `${terminal.columns} columns, ${color ? 'with colors' : 'without colors'}`
      : 'stderr is no terminal',
    ...(!terminal && { help: 'On a terminal, training shows its progress.' }),
  };
}

async function findDataSets(roots: DataRoots): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const set of setNames) {
    const name = `data ${set}`;
    try {
      found.push({ name, ok: true, found: await locateSet(set, roots) });
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      const [help] = error.diagnostics.map((diagnostic) => diagnosticText(diagnostic).help ?? '');
      found.push({ name, ok: false, found: 'not found', ...(help !== undefined && { help }) });
    }
  }
  return found;
}
