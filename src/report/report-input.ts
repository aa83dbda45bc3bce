// The input of a report: plain data, so that tests and other commands can make a report without a run.
import type { Fields } from '../run-folders/json-file.ts';
import type { RunLabel } from '../run-folders/run-label.ts';
import type { ForecastResult } from '../train/forecast/forecast-score.ts';
import type { EvaluationEntry, MetricLine } from '../train/logs/metric-lines.ts';
import type { RunRecord } from '../train/run/record.ts';
import type { Examination } from './examination.ts';

/** The model as in `nnc summary` and `nnc graph`. */
export interface ModelFacts {
  readonly layers: readonly {
    readonly path: string;
    readonly layer: string;
    /** Per example. */
    readonly outputShape: readonly number[];
    readonly parameters: number;
    readonly multiplyAdds: number;
  }[];
  /** `multiplyAdds`: for one example's forward pass. */
  readonly totals: { readonly parameters: number; readonly multiplyAdds: number };
  /** An SVG document; or the reason why there is none. */
  readonly diagram: { readonly svg: string } | { readonly missing: string };
  /** The `.nn` text. */
  readonly text?: string;
}

export interface ReportInput {
  /** Bytes allocated for the model, if known. */
  readonly allocated?: number;
  /** The model's name. */
  readonly model: string;
  /** The run's folder, as shown to the user. */
  readonly place: string;
  /** The run's name and note. */
  readonly label?: RunLabel;
  /** `completed`, `interrupted`, …; shown beside the name. */
  readonly state: string;
  readonly begun: Date;
  readonly ended: Date;
  /** config.json. */
  readonly config: Fields | undefined;
  /** Absent if the run failed. */
  readonly record: RunRecord | undefined;
  readonly lines: readonly MetricLine[];
  readonly facts?: ModelFacts;
  /** If a trained model was evaluated without a run: the part and its results. */
  readonly evaluation?: { readonly part: string; readonly found: EvaluationEntry };
  readonly examination?: Examination;
  /** If a series is forecast. */
  readonly forecast?: ForecastResult;
  /** The process's peak memory in bytes. */
  readonly peakMemory?: number;
}
