// From the turns of a comparison to what it says: per variant the median and spread over its rounds and whether its losses agree
// with nnc's, per workload the ratios; and all of it as Markdown. A ratio above 1 says that nnc is faster.
import { showMachine } from '../machine.mjs';

/** What nnc's targets, each a family of its own, are to reach against the best peer of a family. */
const goals = [
  { own: 'nnc', family: 'javascript', least: { w1: 3, w2: 3, w3: 7, w4: 8, w5: 4 } },
  { own: 'nnc', family: 'pytorch', least: { w1: 0.9, w2: 0.6, w3: 1.2, w4: 0.6, w5: 0.7 } },
  { own: 'native', family: 'pytorch', least: { w1: 1.3, w2: 1.3, w3: 2, w4: 1.3, w5: 1.3 } },
];

/** Processors that other processes take, from which on a turn counts only where there is no quieter one. */
export const disturbing = 0.3;

export function summarize(turns, { workloads, tolerance }) {
  const rows = new Map();
  for (const turn of turns) {
    const key = [
      turn.workload,
      turn.family,
      turn.peer,
      turn.variant,
      turn.threads,
      turn.node,
      turn.version,
    ].join('|');
    if (!rows.has(key)) rows.set(key, []);
    rows.get(key).push(turn);
  }
  const variants = [...rows.values()].map((own) => {
    const { workload, family, peer, variant, threads, version, error, note, incomparable } = own[0];
    const node = own[0].node && (own[0].runtime ?? own[0].node);
    const base = {
      workload,
      family,
      peer,
      variant,
      threads,
      version,
      error,
      note,
      incomparable,
      ...(node && { node }),
    };
    const all = own.filter((turn) => turn.error === undefined);
    if (all.length === 0) return base;
    const quiet = all.filter((turn) => (turn.others ?? 0) <= disturbing);
    const measured = quiet.length > 0 ? quiet : all;
    const medians = measured.map((turn) => turn.median).sort((a, b) => a - b);
    return {
      ...base,
      milliseconds: middle(medians),
      least: medians[0],
      most: medians.at(-1),
      megabytes: Math.max(...measured.map((turn) => turn.megabytes)),
      others: middle(measured.map((turn) => turn.others ?? 0).sort((a, b) => a - b)),
      losses: own[0].losses,
    };
  });
  const ratios = [];
  for (const workload of workloads) {
    const own = variants.filter((row) => row.workload === workload);
    const reference = own.find((row) => row.family === 'nnc' && row.losses?.length > 0);
    for (const row of own) row.agreement = agreementOf(row, reference, tolerance);
    const fastest = (family) =>
      own
        .filter(
          (row) => row.family === family && row.milliseconds !== undefined && row.agreement.agrees !== false,
        )
        .toSorted((a, b) => a.milliseconds - b.milliseconds)[0];
    for (const { own: target, family, least } of goals) {
      const [nnc, best] = [fastest(target), fastest(family)];
      if (nnc === undefined || best === undefined) continue;
      const ratio = best.milliseconds / nnc.milliseconds;
      ratios.push({
        workload,
        target,
        family,
        ratio,
        goal: least[workload],
        nnc: name(nnc),
        best: name(best),
      });
    }
  }
  return { variants, ratios };
}

function agreementOf(row, reference, tolerance) {
  if (row.incomparable || row.losses === undefined || reference === undefined) return {};
  const differences = row.losses.map(
    (loss, i) => Math.abs(loss - reference.losses[i]) / Math.abs(reference.losses[i]),
  );
  const difference = Math.max(...differences.map((each) => (Number.isNaN(each) ? Infinity : each)));
  return { difference, agrees: difference <= tolerance };
}

function middle(sorted) {
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

function name({ peer, variant, threads, version, node }) {
  const where = node === undefined ? '' : ` on Node ${node}`;
  return `${peer} ${version ?? ''} (${variant}, ${threads} thread${threads === 1 ? '' : 's'}${where})`;
}

const milliseconds = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function report({ machine, settings, variants, ratios }) {
  const names = [...new Set(variants.map((row) => row.workload))];
  const lines = [
    '# Time of a training step, nnc and its peers',
    '',
    `${showMachine(machine)}.`,
    `${settings.rounds} ${settings.rounds === 1 ? 'round' : 'rounds in turn'}, ${settings.seconds} s a turn after ${settings.warmUp} s of warm-up.`,
    'A step is forward, backward, update and reading the loss; times are medians over the rounds (the least and the most of them).',
    '',
    '## Ratios',
    '',
    'How many times as fast nnc is as the best of each family, each on the number of threads and in the variant that suits it best.',
    ...ratioTable(
      'WebAssembly',
      ratios.filter(({ target }) => target === 'nnc'),
    ),
    ...ratioTable(
      'Native code',
      ratios.filter(({ target }) => target === 'native'),
    ),
  ];
  for (const workload of names) {
    lines.push(
      '',
      `## ${workload.toUpperCase()}`,
      '',
      '| library | ms a step | least to most | memory, MB | losses |',
      '| --- | ---: | ---: | ---: | --- |',
    );
    const own = variants
      .filter((row) => row.workload === workload)
      .toSorted((a, b) => (a.milliseconds ?? Infinity) - (b.milliseconds ?? Infinity));
    for (const row of own) {
      const cells =
        row.milliseconds === undefined
          ? ['–', '–', '–', `does not run: ${row.error.replaceAll('|', '\\|').replaceAll('\n', ' ')}`]
          : [
              milliseconds(row.milliseconds),
              `${milliseconds(row.least)}–${milliseconds(row.most)}`,
              row.megabytes.toFixed(0),
              agreement(row),
            ];
      lines.push(`| ${[name(row), ...cells].join(' | ')} |`);
    }
  }
  const disturbed = variants.filter((row) => row.others > disturbing);
  lines.push(
    '',
    disturbed.length === 0
      ? `Turns in which other processes took more than ${disturbing} of a processor are left out.`
      : `Other processes took more than ${disturbing} of a processor in every turn of ${disturbed.length} of the ${variants.length} rows: read these as rough.`,
    '',
  );
  return lines.join('\n');
}

function ratioTable(title, ratios) {
  if (ratios.length === 0) return [];
  return [
    '',
    `### ${title}`,
    '',
    '| workload | against | ratio | goal | nnc | the other |',
    '| --- | --- | ---: | ---: | --- | --- |',
    ...ratios.map(
      (row) =>
        `| ${row.workload.toUpperCase()} | ${row.family === 'pytorch' ? 'PyTorch' : 'JavaScript'} | ` +
        `**${row.ratio.toFixed(2)}** | ${row.goal} | ${row.nnc} | ${row.best} |`,
    ),
  ];
}

function agreement({ agreement: { agrees, difference }, note }) {
  const notes = note === undefined ? '' : `; ${note}`;
  if (agrees === undefined) return `not comparable${notes}`;
  const shown = difference === 0 ? 'equal' : `within ${difference.toExponential(0)}`;
  return agrees ? `${shown}${notes}` : `**differ** by ${difference.toExponential(1)}${notes}`;
}
