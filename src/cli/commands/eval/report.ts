// `nnc eval --report`: the report of an evaluation without a run.
import { dirname } from 'node:path';
import { makeFolder } from '../../../driver/make-folder.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { Examination } from '../../../report/examination.ts';
import { renderReport } from '../../../report/report-page.ts';
import { readJsonFile } from '../../../run-folders/json-file.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import type { ForecastResult } from '../../../train/forecast/forecast-score.ts';
import type { Evaluation } from '../../../train/loop/events.ts';
import { configName } from '../../../train/run/context.ts';
import type { OptionValues } from '../../arguments.ts';
import { describeForReport } from '../../report-facts.ts';
import type { TrainedOptions } from '../../run-options.ts';
import type { Weights } from '../../weights.ts';
import { writeWhole } from '../../write-products.ts';

export interface EvaluationFacts {
  readonly source: Source;
  readonly options: OptionValues<TrainedOptions>;
  readonly specification: ModelSpecification;
  readonly part: string;
  readonly found: Evaluation;
  readonly begun: Date;
  readonly weights: Weights;
  readonly examination?: Examination;
  readonly forecast?: ForecastResult;
}

export async function writeEvaluation(path: string, given: EvaluationFacts): Promise<void> {
  const { source, options, specification, part, found, begun, weights, examination, forecast } = given;
  const { path: checkpoint } = weights.checkpoint;
  const { set, model } = options;
  const facts = await describeForReport(source, {
    overrides: set,
    batch: specification.batch,
    ...(model !== undefined && { model }),
  });
  const config = await readJsonFile(`${dirname(checkpoint)}/${configName}`);
  const page = await renderReport({
    model: specification.name,
    place: checkpoint,
    ...(weights.run && { label: weights.run.label }),
    state: 'evaluated',
    begun,
    ended: new Date(),
    config: config.kind === 'read' ? config.fields : undefined,
    record: undefined,
    lines: [],
    facts,
    evaluation: { part, found },
    ...(examination && { examination }),
    ...(forecast && { forecast }),
  });
  await makeFolder(dirname(path));
  await writeWhole(path, Buffer.from(page));
}
