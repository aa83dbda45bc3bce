// Sets a model's scales of targets from the data that it is trained on: src/elaborate/objectives/target-scale.ts says what they do.
import type { Model } from '../../runtime/model.ts';
import { elementCount } from '../../runtime/tensor.ts';
import { showNumber } from '../progress/text.ts';
import type { Dataset } from '../data/dataset.ts';

/** A model's new state; a state that was trained keeps its own scales. */
export async function setTargetScales(model: Model, { scales }: Pick<Dataset, 'scales'>): Promise<void> {
  for (const { path, shape, scale } of model.specification.stored) {
    const statistics = scale && scales.get(scale.target);
    if (!statistics) continue;
    const channels = statistics[scale.statistic];
    const run = elementCount(shape) / channels.length;
    await model.write(
      path,
      Float32Array.from({ length: elementCount(shape) }, (_, i) => channels[Math.floor(i / run)] ?? 0),
    );
  }
}

/** In what the losses of a model are, for people: `; the loss is of price in deviations of …`; empty if its targets are not scaled. */
export async function describeScales(model: Model): Promise<string> {
  const { stored } = model.specification;
  const parts: string[] = [];
  for (const { target } of new Set(
    stored.flatMap(({ scale }) => (scale?.statistic === 'mean' ? [scale] : [])),
  )) {
    const [means, deviations] = await Promise.all(
      (['mean', 'deviation'] as const).map(async (statistic) => {
        const tensor = stored.find(({ scale }) => scale?.target === target && scale.statistic === statistic);
        return tensor ? [...new Set((await model.read(tensor.path)).data)] : [];
      }),
    );
    const [mean = 0, ...otherMeans] = means ?? [];
    const [deviation = 1, ...otherDeviations] = deviations ?? [];
    const isOne = otherMeans.length + otherDeviations.length === 0;
    if (isOne && mean === 0 && deviation === 1) continue;
    const unit = isOne
      ? `deviations of ${showNumber(deviation)} from the mean ${showNumber(mean)}`
      : 'deviations from the means';
    parts.push(`; the loss is of ${target} in ${unit}`);
  }
  return parts.join('');
}
