// The facts of a run: settings, data, machine and versions, memory and speed, as tables of names and values.
import type { Json } from '../runtime/specification.ts';
import { fieldsOf, type Fields } from '../run-folders/json-file.ts';
import { showBytes, showCount, showNumber, showSeconds } from '../train/progress/text.ts';
import { html, type Html } from './html.ts';
import type { ReportInput } from './report-input.ts';

type Row = readonly [name: string, value: string];

export function factsSection(input: ReportInput): Html {
  const { config } = input;
  const settings = rowsOf(fieldsOf(config?.get('settings')));
  const monitor = fieldsOf(config?.get('monitor'));
  if (monitor) settings.push(['monitor', [...monitor.values()].map(String).join(', ')]);
  return html`<section>
    <h2>How it was made</h2>
    <div class="columns">
      ${table('Settings', settings)}
      ${table('Data', rowsOf(fieldsOf(config?.get('data')), ['preprocessing']))}
      ${table('Machine and versions', [
        ...['mode', 'target'].flatMap((name) => rowsOf(config).filter(([found]) => found === name)),
        ...rowsOf(fieldsOf(config?.get('machine'))).map(([name, value]): Row => [
          name,
          name === 'memory' ? showBytes(Number(value)) : value,
        ]),
      ])}
      ${table('Memory and speed', speed(input))}
      ${table('Invocation', rowsOf(fieldsOf(config?.get('about'))))}
    </div>
  </section>`;
}

function speed({ lines, record, facts, allocated, peakMemory, begun, ended }: ReportInput): Row[] {
  const epochs = lines.filter((line) => line.kind === 'epoch');
  const seconds = epochs.reduce((sum, epoch) => sum + (epoch.seconds || 0), 0);
  const rows: Row[] = [];
  if (record) rows.push(['steps', showCount(record.steps)]);
  if (epochs.length > 0) rows.push(['time in steps', showSeconds(seconds)]);
  rows.push(['time from start to end', showSeconds((ended.getTime() - begun.getTime()) / 1000)]);
  if (record) rows.push(['training examples a second', showCount(record.samples_per_second)]);
  if (record && facts) {
    // a step is about three forward passes: forward, gradients of inputs, gradients of parameters
    const flops = 2 * 3 * facts.totals.multiplyAdds * record.samples_per_second;
    rows.push(['arithmetic, about', `${showNumber(flops / 1e9)} GFLOP/s, at three forward passes a step`]);
  }
  if (allocated !== undefined) rows.push(['memory of the model', showBytes(allocated)]);
  if (peakMemory !== undefined) rows.push(['memory of the process, at most', showBytes(peakMemory)]);
  return rows;
}

/** Without the source text, which the model's section contains. */
function rowsOf(fields: Fields | undefined, without: readonly string[] = []): Row[] {
  return [...(fields ?? [])].flatMap(([name, value]): Row[] => {
    const shown = showJson(value);
    return without.includes(name) || shown === '' || shown.length > 600 || shown.includes('\n')
      ? []
      : [[name, shown]];
  });
}

function showJson(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(showJson).join(', ');
  return [...(fieldsOf(value) ?? [])].map(([name, inner]) => `${name} = ${showJson(inner)}`).join(', ');
}

function table(heading: string, rows: readonly Row[]): Html {
  if (rows.length === 0) return html``;
  return html`<div class="card">
    <h3>${heading}</h3>
    <table class="facts">
      <tbody>
        ${rows.map(
          ([name, value]) =>
            html`<tr>
              <th>${name}</th>
              <td>${value}</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
