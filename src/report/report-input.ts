// What a report is made of: all of it data, so that a test, or another command, can make one without a run.
import type { Fields } from '../run-folders/json-file.ts';
import type { EvaluationEntry, MetricLine } from '../train/logs/metric-lines.ts';
import type { RunRecord } from '../train/run/record.ts';
import type { Examination } from './examination.ts';

/** The model as `nnc summary` describes it, and as `nnc graph` draws it. */
export interface ModelFacts {
  readonly layers: readonly {
    readonly path: string;
    readonly layer: string;
    /** Per example. */
    readonly outputShape: readonly number[];
    readonly parameters: number;
    readonly multiplyAdds: number;
  }[];
  /** `multiplyAdds`: of one example's forward pass. */
  readonly totals: { readonly parameters: number; readonly multiplyAdds: number };
  /** An SVG document; or why there is none. */
  readonly diagram: { readonly svg: string } | { readonly missing: string };
  /** The `.nn` text. */
  readonly text?: string;
}

export interface ReportInput {
  /** Bytes that were allocated for the model, where that is known. */
  readonly allocated?: number;
  /** The model's name. */
  readonly model: string;
  /** The run's folder, as the user knows it. */
  readonly place: string;
  /** `completed`, `interrupted`, …; what the page says beside the name. */
  readonly state: string;
  readonly begun: Date;
  readonly ended: Date;
  /** config.json. */
  readonly config: Fields | undefined;
  /** Absent where the run failed. */
  readonly record: RunRecord | undefined;
  readonly lines: readonly MetricLine[];
  readonly facts?: ModelFacts;
  /** Where a trained model was evaluated, and no run took place: the part and what was found. */
  readonly evaluation?: { readonly part: string; readonly found: EvaluationEntry };
  readonly examination?: Examination;
  /** Bytes that the process took at most. */
  readonly peakMemory?: number;
}
