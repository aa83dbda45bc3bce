// The sweeps as a page: one table each, with the reason for every bend of its curves.

export function reportScaling({ sweeps, results, caches, machine, rounds, seconds }) {
  const sizes = caches.map(({ name, bytes }) => `${name} ${bytes / 1024} KiB`).join(', ');
  const open = results.filter(({ reason }) => reason === 'unexplained').length;
  return `# How a training step grows

${machine}; caches ${sizes}.
Medians of ${rounds} rounds of ${seconds} s. Drawn in [scaling.svg](scaling.svg), where a hollow point is one to which a curve bends.

\`growth\` is how much longer a step takes than at the point before, as a multiple of how much more arithmetic it is, by the
quickest rounds: 1 is in proportion. Where it is not between 0.8 and 1.25, the reason stands beside it; ${open === 0 ? 'none is' : `${open} are`} left unexplained.
${sweeps.map((sweep) => table(sweep, results)).join('')}`;
}

function table({ name, title, constant }, results) {
  const rows = results.filter(({ sweep }) => sweep === name);
  const lines = rows.map(
    ({ value, threads, milliseconds, gflops, growth, reason }) =>
      `| ${value} | ${threads} | ${milliseconds.toPrecision(3)} | ${gflops.toFixed(1)} | ${growth === undefined ? '' : growth.toFixed(2)} | ${reason ?? ''} |`,
  );
  return `
## By ${title}

${constant[0].toUpperCase()}${constant.slice(1)}.

| ${title} | threads | ms | GFLOP/s | growth | reason |
| ---: | ---: | ---: | ---: | ---: | --- |
${lines.join('\n')}
`;
}
