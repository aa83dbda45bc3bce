// Prepares training and runs one step; the model is discarded, and nothing is written.
import { DivergedError, findNonFinite } from '../loop/failure.ts';
import { advance } from '../loop/state.ts';
import { parameterCount } from './config.ts';
import { dataBytes } from './data.ts';
import { availableMemory, memoryParts, type MemoryPart } from './memory.ts';
import { prepareRun, type PreparationRequest } from './prepare.ts';

export interface DryRun {
  readonly model: string;
  readonly mode: string;
  readonly data: string;
  readonly parameters: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** The first step's loss, before its update. */
  readonly loss: number;
  /** The second step's time, if there is one: the first is a warm-up. */
  readonly stepSeconds: number;
  readonly memory: readonly MemoryPart[];
  /** Bytes that the machine has left in addition. */
  readonly available: number;
}

/**
 * @throws DiagnosticError for every reason to refuse the run
 * @throws DivergedError if the first step computes a non-finite value
 */
export async function dryRun(request: PreparationRequest): Promise<DryRun> {
  const { settings, dataset, data, model, state, threads } = await prepareRun(request);
  const { specification } = request;
  try {
    let loss: number | undefined;
    let stepSeconds = 0;
    const { epoch, batch } = state.position;
    for await (const arrays of data.batches(
      Math.min(epoch, settings.epochs - 1),
      Math.min(batch, data.stepsPerEpoch - 1),
    )) {
      const begun = performance.now();
      const found = await model.step(arrays);
      stepSeconds = (performance.now() - begun) / 1000;
      const spoilt = Number.isFinite(found.loss)
        ? await findNonFinite(model)
        : { what: 'the loss', value: found.loss };
      const position = advance(state.position, data.stepsPerEpoch);
      if (spoilt) throw DivergedError.at(spoilt.what, spoilt.value, position, data.stepsPerEpoch);
      if (loss !== undefined) break;
      loss = found.loss;
    }
    const examples = data.validation ?? data.test;
    if (examples) await model.evaluate(examples.slice(0, Math.min(examples.count, specification.batch)));
    return {
      model: specification.name,
      mode: model.mode,
      data: dataset.description,
      parameters: parameterCount(specification),
      epochs: settings.epochs,
      stepsPerEpoch: data.stepsPerEpoch,
      loss: loss ?? NaN,
      stepSeconds,
      memory: memoryParts(specification, threads, dataBytes(dataset)),
      available: availableMemory(),
    };
  } finally {
    await data.close();
    await model.destroy();
  }
}
