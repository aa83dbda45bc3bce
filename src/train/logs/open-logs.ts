// A run's logs, besides its checkpoints and record, in the order of opening.
import type { OpenLogger } from '../run/context.ts';
import { openMetricsLog } from './metrics-log.ts';
import { openTensorBoardLog } from './tensorboard-log.ts';

export const runLogs: readonly OpenLogger[] = [openMetricsLog, openTensorBoardLog];
