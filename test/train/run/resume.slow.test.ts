// A run that is interrupted again and again, wherever it is, ends as the one that was left alone: in the same weights and the same
// reports.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/runtime/safetensors.ts';
import { readCheckpoint } from '../../../src/train/checkpoint/checkpoint.ts';
import type { EpochReport, TrainingObserver } from '../../../src/train/loop/events.ts';
import type { RunRecord } from '../../../src/train/run/record.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { idxFile } from '../data/files.ts';
import { compileText, placesIn, runInterpreted, testFolder } from '../interpreted-run.ts';

const text = `model Everything {
  input  image: [1, 6, 6]
  target kind: class(3)
  net { Conv2d(3, kernel = 3)  BatchNorm  ReLU  Flatten  Dropout(0.3)  Linear(3) }
  loss      CrossEntropy
  optimizer Adam(lr = 0.01)
  schedule  Cosine(warmup = 2)
  metrics   accuracy
  data  idx("images.idx", "labels.idx", normalize = true, augment = [flip, crop(1)])
  train { epochs = 4  batch = 4  seed = 5  validation = 0.2 }
}`;

const random = numbersFrom(3);
const count = 40;
const labels = Array.from({ length: count }, () => Math.floor(3 * random()));
const files = {
  'images.idx': idxFile(
    [count, 6, 6],
    labels.flatMap((label) =>
      Array.from({ length: 36 }, (_, i) => ((i % 3 === label ? 160 : 20) + 60 * random()) | 0),
    ),
  ),
  'labels.idx': idxFile([count], labels),
};

function tensorsOf(path: string) {
  return [...readSafetensors(readFileSync(path)).tensors].map(([name, { bytes }]) => [
    name,
    Buffer.from(bytes).toString('hex'),
  ]);
}

/** All but what takes time. */
const reported = ({ epoch, step, loss, metrics, validation, best }: EpochReport) => ({
  epoch,
  step,
  loss,
  metrics,
  validation,
  best,
});
const recorded = ({ history, best, test, epochs, steps, losses }: RunRecord) => ({
  history: history.map(({ seconds, ...epoch }) => ({ ...epoch, timed: Number(seconds) > 0 })),
  best: best && { metric: best.metric, value: best.value, epoch: best.epoch },
  test,
  epochs,
  steps,
  losses,
});

const accumulating = text.replace('train {', 'train { accumulate = 3 ');

describe('a run that is resumed', () => {
  it.each([
    ['one that was left alone', text],
    ['one that was left alone, where gradients are accumulated across epochs', accumulating],
  ])('ends in the same weights and reports as %s', { timeout: 60_000 }, async (_, program) => {
    const compilation = compileText(program);
    const folder = testFolder(files);
    const whole: EpochReport[] = [];
    const uninterrupted = await runInterpreted({
      compilation,
      folder,
      changes: {
        places: placesIn(folder, 'whole'),
        observers: [{ epochEnded: (report) => void whole.push(report) }],
      },
    });
    expect(uninterrupted).toMatchObject({ ended: 'completed', steps: 32 });

    const parts: EpochReport[] = [];
    const path = placesIn(folder).checkpoint('last');
    let record: RunRecord | undefined;
    let interruptions = 0;
    // steps, and validations, in which a signal comes; the same epoch is hit more than once
    const signals = ['1', '3', '8', 'validation', '11', '12', '16', 'validation', '25', '31'];
    for (const signal of [...signals, 'none']) {
      const controller = new AbortController();
      const observer: TrainingObserver = {
        stepped: ({ position }) => void (String(position.step) === signal && controller.abort()),
        evaluating: () => void (signal === 'validation' && controller.abort()),
        epochEnded: (report) => void parts.push(report),
      };
      record = await runInterpreted({
        compilation,
        folder,
        ...(interruptions > 0 && { resume: await readCheckpoint(path) }),
        changes: { observers: [observer], signal: controller.signal },
      });
      if (record.interrupted) interruptions++;
    }
    expect(interruptions).toBe(10);
    expect(tensorsOf(path)).toEqual(tensorsOf(placesIn(folder, 'whole').checkpoint('last')));
    expect(tensorsOf(placesIn(folder).checkpoint('best'))).toEqual(
      tensorsOf(placesIn(folder, 'whole').checkpoint('best')),
    );
    expect(parts.map(reported)).toEqual(whole.map(reported));
    expect(record && recorded(record)).toEqual(recorded(uninterrupted));
  });
});
