// Determines the best epoch, and when to stop early.
import { fail } from '../../diagnostics/diagnostic.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { ModelSpecification } from '../../runtime/specification.ts';
import type { EpochReport, Monitor } from './events.ts';

/** The best epoch so far. */
export interface Best {
  readonly metric: string;
  readonly value: number;
  readonly epoch: number;
}

/** Metrics with one of these words in their name are better when lower; all others when higher. */
const lower = /loss|error|perplexity|deviation|divergence|distance|regret/;

/**
 * @param wanted a metric's name, optionally followed by `:lower` or `:higher`; by default the validation loss, if there is one
 * @throws DiagnosticError where the model has no such metric, or one with several elements
 */
export function chooseMonitor(
  { metrics }: Pick<ModelSpecification, 'metrics'>,
  validated: boolean,
  wanted: string | undefined,
): Monitor | undefined {
  if (wanted === undefined) return validated ? { name: 'validation_loss', better: 'lower' } : undefined;
  const [, name = wanted, direction] = /^(.*?)(?::(lower|higher))?$/.exec(wanted) ?? [];
  const own = ['loss', ...metrics.filter(({ shape }) => shape.length === 0).map((metric) => metric.name)];
  const known = [...own, ...(validated ? own.map((each) => `validation_${each}`) : [])];
  if (!known.includes(name)) {
    const meant = suggest(name, known);
    const missing = !validated && name.startsWith('validation_');
    const help = missing
      ? 'Nothing is kept for validation: give a share with `--validation`, or in `train { validation = 0.1 }`.'
      : meant === undefined
        ? `There are ${known.join(', ')}.`
        : `Did you mean \`${meant}\`?`;
    fail('monitor.unknown', undefined, { name, help });
  }
  return { name, better: direction === 'lower' || direction === 'higher' ? direction : betterOf(name) };
}

/** Whether lower or higher is better for a metric of this name. */
export function betterOf(name: string): Monitor['better'] {
  return lower.test(name) ? 'lower' : 'higher';
}

/** The monitored metric of an epoch; NaN if the epoch has none. */
export function monitoredValue({ name }: Monitor, report: Omit<EpochReport, 'best'>): number {
  const [, part = '', metric = ''] = /^(validation_)?(.*)$/.exec(name) ?? [];
  const evaluation = part === '' ? report : report.validation;
  const value = metric === 'loss' ? evaluation?.loss : evaluation?.metrics.get(metric);
  return typeof value === 'number' ? value : NaN;
}

/** The epoch, if it is better than the best so far; equal is not better, and NaN never is. */
export function improvement(
  monitor: Monitor,
  report: Omit<EpochReport, 'best'>,
  best: Best | null,
): Best | undefined {
  const value = monitoredValue(monitor, report);
  if (!Number.isFinite(value)) return undefined;
  const found = { metric: monitor.name, value, epoch: report.epoch };
  if (best?.metric !== monitor.name) return found;
  return (monitor.better === 'lower' ? value < best.value : value > best.value) ? found : undefined;
}
