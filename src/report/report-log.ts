// report.html of a run: examines single examples during evaluations; when the run has ended, the page is made from these and from the
// other logs in the run's folder.
import { join } from 'node:path';
import { readJsonFile, textIn } from '../run-folders/json-file.ts';
import { labelIn, readLabel } from '../run-folders/run-label.ts';
import { systemFiles, writeWhole } from '../train/checkpoint/files.ts';
import { ForecastScore } from '../train/forecast/forecast-score.ts';
import { metricsName, readMetrics } from '../train/logs/metrics-file.ts';
import { configName, recordName, type OpenLogger } from '../train/run/context.ts';
import { Examiner } from './examination.ts';
import type { ModelFacts } from './report-input.ts';

export const reportName = 'report.html';

/**
 * The log that writes the report; must be opened after those that it reads.
 * @param describe called after the run has ended
 */
export function reportLog(describe: () => Promise<ModelFacts>): OpenLogger {
  return (context) => {
    const { folder, specification, dataset, begun, model } = context;
    const examiner = new Examiner(specification, dataset.preprocessing);
    const score = new ForecastScore(specification, dataset);
    return Promise.resolve({
      examined(part, first, arrays, found) {
        examiner.add(part, first, arrays, found);
        score.add(part, first, arrays, found);
      },
      async close(record) {
        const [facts, config, kept, label, metrics] = await Promise.all([
          describe(),
          readJsonFile(join(folder, configName)),
          // a diverged run has written its record there, but passes none
          readJsonFile(join(folder, recordName)),
          readLabel(folder),
          readMetrics(join(folder, metricsName)),
        ]);
        const examination = examiner.result();
        const forecast = score.result();
        // the page's modules are loaded only when needed, so that the first step is not delayed
        const { renderReport } = await import('./report-page.ts');
        const page = await renderReport({
          model: specification.name,
          place: folder,
          label: labelIn(label),
          state:
            record?.ended ?? (kept.kind === 'read' ? textIn(kept.fields, 'ended') : undefined) ?? 'failed',
          begun,
          ended: new Date(),
          config: config.kind === 'read' ? config.fields : undefined,
          record,
          lines: metrics?.lines ?? [],
          facts,
          ...(model.allocated !== undefined && { allocated: model.allocated }),
          ...(examination && { examination }),
          ...(forecast && { forecast }),
          // in kilobytes
          peakMemory: 1024 * process.resourceUsage().maxRSS,
        });
        await writeWhole(join(folder, reportName), Buffer.from(page), systemFiles);
      },
    });
  };
}
