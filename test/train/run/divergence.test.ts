// What is left of a run that diverges: the step, the line of the program, and the state before it, from each way to get there.
import { expect, it } from 'vitest';
import { explainNonFinite } from '../../../src/cli/commands/train/explain-non-finite.ts';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { diagnosticText } from '../../../src/diagnostics/message.ts';
import { positionAt } from '../../../src/diagnostics/source.ts';
import { readCheckpoint } from '../../../src/train/checkpoint/checkpoint.ts';
import { DivergedError } from '../../../src/train/loop/failure.ts';
import type { RunRequest } from '../../../src/train/run/run.ts';
import { pointsCsv } from '../../cli/points.ts';
import { compileText, filesOf, runInterpreted, testFolder } from '../interpreted-run.ts';

const program = (net: string, rest = '', optimizer = 'SGD(lr = 0.1)') => `model Points {
  input  x: [2]
  target kind: class(2)
  net { ${net} }
  loss      CrossEntropy
  optimizer ${optimizer}
  data  csv("points.csv", target = "kind", test = 0.25)
  train { epochs = 3  batch = 16  seed = 1  validation = 0.2 }
}
${rest}`;

interface Failure {
  readonly error: DivergedError;
  readonly found: Diagnostic | undefined;
  /** `case.nn:12: message` */
  readonly place: string;
  readonly folder: string;
}

async function failureOf(
  text: string,
  csv = pointsCsv(),
  changes: Partial<RunRequest> = {},
): Promise<Failure> {
  const folder = testFolder({ 'points.csv': csv });
  let found: Diagnostic | undefined;
  const run = runInterpreted({
    compilation: compileText(text),
    folder,
    changes: {
      async locate(failed) {
        found = await explainNonFinite({ path: 'case.nn', text, library: false }, {}, failed);
        return found && diagnosticText(found).message;
      },
      ...changes,
    },
  });
  const error = await run.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof DivergedError)) throw new Error('training did not diverge', { cause: error });
  const { span } = found ?? {};
  const line = span && positionAt(span.source.text, span.start).line;
  return { error, found, place: `${line}: ${error.found.explanation}`, folder };
}

it('names a logarithm of a negative number, in the line of the layer that takes it', async () => {
  const text = program(
    'Linear(8)  Tanh  Wrong  Linear(2)',
    'layer Wrong (x: [D]) {\n  let y = x + 0.7\n  return log(y)\n}',
  );
  const { error, place } = await failureOf(text);
  expect(error.message).toBe('the loss became not a number in epoch 1, step 1 (step 1 of the run)');
  expect(place).toMatch(/^12: `log\(-0\.\d+\)` is not a number \(\d+ of 128 values\)$/);
});

it('names an exponential that leaves float32, and not what became NaN of it', async () => {
  const { error, place, folder } = await failureOf(
    program('Linear(8)  Grow  Linear(2)', 'layer Grow (x: [D]) = exp(8 * x)', 'SGD(lr = 0.5)'),
  );
  expect(error.divergence.totalStep).toBeGreaterThan(1);
  expect(place).toMatch(/^10: `exp\([\d.]+\)` is infinite/);

  // the state before that step is kept: the last whose loss was finite
  const kept = await readCheckpoint(error.found.kept ?? '');
  expect(kept.training).toMatchObject({
    epoch: error.divergence.epoch - 1,
    position: error.divergence.step - 1,
  });
  expect(kept.training.sums.steps).toBe(kept.training.position);
  expect(filesOf(`${folder}/run`)).toContain('run.json');

  // from there the next step is the one that fails, and it fails in the same way
  const again = await runInterpreted({
    compilation: compileText(
      program('Linear(8)  Grow  Linear(2)', 'layer Grow (x: [D]) = exp(8 * x)', 'SGD(lr = 0.5)'),
    ),
    folder,
    resume: kept,
  }).catch((failure: unknown) => failure);
  expect((again as DivergedError).divergence).toEqual(error.divergence);
});

it('names the first step that is too large, though its loss was still finite', async () => {
  const { error, place } = await failureOf(
    program('Linear(8)  Tanh  Linear(2)', '', 'SGD(lr = 3e38, momentum = 0.9)'),
  );
  expect(error.message).toMatch(/became (infinite|not a number|minus infinity) in epoch 1, step \d/);
  expect(place).toMatch(/is (infinite|minus infinity|not a number)/);
});

it('names an infinite gradient where the loss is finite: the step that spoils the parameters, not the one after it', async () => {
  const text = program('Linear(8, init = zeros)  Root  Linear(2)', 'layer Root (x: [D]) = sqrt(x * x)');
  const { error, place, found } = await failureOf(text);
  // the loss of the second step is the first that is not finite
  expect(error.message).toBe(
    'the parameter linear_1.W became not a number in epoch 1, step 1 (step 1 of the run)',
  );
  expect(place).toMatch(/^10: in the gradient of this, `[^`]* \/ 0` is (minus )?infini/);
  expect(found?.code).toBe('value.not-finite');
  expect((await readCheckpoint(error.found.kept ?? '')).training).toMatchObject({ epoch: 0, position: 0 });
});

it('says so where only the validation goes wrong', async () => {
  // in training, dropout puts a number above 0 in place of what the logarithm is taken of
  const text = program(
    'Linear(8)  Tanh  OnlyTraining  Linear(2)',
    'layer OnlyTraining (x: [D]) {\n  if training { return x }\n  return log(x)\n}',
  );
  const { error, place } = await failureOf(text);
  expect(error.message).toMatch(/^the validation loss became not a number in epoch 1, step 7/);
  expect(place).toMatch(/^12: `log\(-[\d.e-]+\)` is not a number/);
  expect((await readCheckpoint(error.found.kept ?? '')).training).toMatchObject({ epoch: 0, position: 7 });
});

it('says that training has diverged, though the search for the place fails', async () => {
  const { error } = await failureOf(
    program('Linear(8)  Tanh  Wrong  Linear(2)', 'layer Wrong (x: [D]) = log(x)'),
    pointsCsv(),
    { locate: () => Promise.reject(new Error('no memory')) },
  );
  expect(error.divergence).toMatchObject({ what: 'the loss', totalStep: 1 });
  expect(error.found.explanation).toBe('where it came from could not be found: no memory');
});

it('keeps the state before a loss that has exploded, though all of it is finite', async () => {
  const text = `model Line {
  input  x: [1]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 3)
  data  csv("points.csv", target = "y")
  train { epochs = 3  batch = 4  seed = 1 }
}`;
  const csv = `a,y\n${Array.from({ length: 40 }, (_, i) => `${(i % 9) - 4},${(i % 7) - 3}\n`).join('')}`;
  const { error, found, folder } = await failureOf(text, csv);
  const { value, limit = NaN, totalStep } = error.divergence;
  expect(Number.isFinite(value)).toBe(true);
  expect(value).toBeGreaterThan(limit);
  expect(error.message).toMatch(
    /^the loss became \d\.\d\de\+\d+ in epoch 1, .*, more than a million times what it was at first$/,
  );
  expect(found).toBeUndefined();
  const kept = await readCheckpoint(error.found.kept ?? '');
  expect(kept.training).toMatchObject({ epoch: 0, position: totalStep - 1 });
  expect(kept.training.sums.loss / kept.training.sums.steps).toBeLessThan(limit);
  expect(filesOf(`${folder}/run`)).toContain('run.json');
});

it('stops looking at a signal', async () => {
  const controller = new AbortController();
  const { error } = await failureOf(
    program('Linear(8)  Tanh  Wrong  Linear(2)', 'layer Wrong (x: [D]) = log(x)'),
    pointsCsv(),
    { signal: controller.signal, examining: () => controller.abort() },
  );
  expect(error.found).toEqual({});
});
