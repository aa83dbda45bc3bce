// The contents of config.json in a run's folder: all inputs of the run, to identify and repeat it.
import { arch, cpus, platform, totalmem } from 'node:os';
import type { Json, ModelSpecification } from '../../runtime/specification.ts';
import { elementCount } from '../../runtime/tensor.ts';
import type { Dataset } from '../data/dataset.ts';
import { showPreprocessing } from '../data/prepare/preprocessing.ts';
import type { Monitor, Position } from '../loop/events.ts';
import { showSettings, type RunSettings } from './settings.ts';

export interface RunConfig {
  readonly format: 1;
  readonly model: string;
  readonly source: string;
  readonly target: string;
  /** What the model ran on: `wasm, 2 threads`. */
  readonly mode: string;
  /** ISO 8601, in UTC. */
  readonly begun: string;
  /** Where the run was resumed; the step is 0 for a new run. */
  readonly from: Position;
  readonly settings: Json;
  readonly monitor: Monitor | null;
  readonly stepsPerEpoch: number;
  readonly data: {
    readonly name: string;
    readonly description: string;
    readonly fingerprint: string;
    readonly classes: readonly string[] | null;
    readonly preprocessing: Json;
  };
  /** The model's: a checkpoint fits if its fingerprint is equal. */
  readonly fingerprint: string;
  /** The number of learned parameters. */
  readonly parameters: number;
  readonly machine: { readonly [name: string]: Json };
  /** Further facts from the caller: the command line, the overrides, the program's text, nnc's version. */
  readonly about: { readonly [name: string]: Json };
}

export interface ConfigFacts {
  readonly specification: ModelSpecification;
  readonly settings: RunSettings;
  readonly mode: string;
  readonly dataset: Dataset;
  readonly from: Position;
  readonly monitor: Monitor | undefined;
  readonly stepsPerEpoch: number;
  readonly begun: Date;
  readonly about: { readonly [name: string]: Json };
}

export function describeRun(facts: ConfigFacts): RunConfig {
  const { specification, dataset, monitor } = facts;
  return {
    format: 1,
    model: specification.name,
    source: specification.source,
    target: specification.target,
    mode: facts.mode,
    begun: facts.begun.toISOString(),
    from: facts.from,
    settings: showSettings(facts.settings),
    monitor: monitor ?? null,
    stepsPerEpoch: facts.stepsPerEpoch,
    data: {
      name: dataset.name,
      description: dataset.description,
      fingerprint: dataset.fingerprint,
      classes: dataset.classes ?? null,
      preprocessing: showPreprocessing(dataset.preprocessing),
    },
    fingerprint: specification.fingerprint,
    parameters: parameterCount(specification),
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memory: totalmem(),
      platform: `${platform()} ${arch()}`,
      node: process.version,
    },
    about: facts.about,
  };
}

/** The number of learned parameters. */
export function parameterCount({ stored }: ModelSpecification): number {
  return stored
    .filter(({ storage }) => storage === 'parameter')
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
