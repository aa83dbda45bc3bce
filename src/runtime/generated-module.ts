// The exports of every generated module, whatever its target.
import type { Model, ModelOptions } from './model.ts';
import type { ModelSpecification } from './specification.ts';

/** The options of a generated module's `create` besides the model's own; each target uses some of them. */
export interface DeviceOptions {
  /** gpu.js's mode. */
  readonly mode?: string;
  /** Threads, on wasm and native. */
  readonly threads?: number;
  /** No fused multiply-adds, on wasm. */
  readonly deterministic?: boolean;
}

export interface GeneratedModule {
  readonly specification: ModelSpecification;
  create(options: ModelOptions & DeviceOptions): Promise<Model>;
}
