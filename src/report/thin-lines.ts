// Downsamples log lines for charts, which are only some hundred points wide: neighboring step lines are averaged; all other lines are
// kept.
import type { MetricLine, StepLine } from '../train/logs/metric-lines.ts';

/** @param most maximum number of step lines */
export function thinLines(lines: readonly MetricLine[], most: number): readonly MetricLine[] {
  const steps = lines.filter((line) => line.kind === 'step').length;
  const size = Math.ceil(steps / most);
  if (size <= 1) return lines;
  const thinned: MetricLine[] = [];
  let group: StepLine[] = [];
  const endGroup = () => {
    const last = group.at(-1);
    if (last) thinned.push(meanOf(group, last));
    group = [];
  };
  for (const line of lines) {
    if (line.kind === 'step') {
      group.push(line);
      if (group.length === size) endGroup();
    } else {
      // steps remain before their epoch's end
      if (line.kind === 'epoch' && group.length > size / 2) endGroup();
      thinned.push(line);
    }
  }
  endGroup();
  return thinned.sort((a, b) => a.step - b.step);
}

function meanOf(group: readonly StepLine[], last: StepLine): StepLine {
  const mean = (value: (line: StepLine) => number) =>
    group.reduce((sum, line) => sum + value(line), 0) / group.length;
  return {
    ...last,
    loss: mean(({ loss }) => loss),
    metrics: new Map(
      [...last.metrics.keys()].map((name) => [name, mean(({ metrics }) => metrics.get(name) ?? NaN)]),
    ),
    samples_per_second: mean((line) => line.samples_per_second),
  };
}
