// Everything that a run keeps beside its checkpoints and record, in the order in which it is opened.
import type { OpenLogger } from '../run/context.ts';
import { openMetricsLog } from './metrics-log.ts';
import { openTensorBoardLog } from './tensorboard-log.ts';

export const runLogs: readonly OpenLogger[] = [openMetricsLog, openTensorBoardLog];
