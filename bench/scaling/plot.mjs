// Curves on logarithmic axes as an SVG, one panel a sweep, by hand: points joined by lines, a dashed guide that grows as the
// arithmetic does, and a legend. A point to which the curve bends for a reason is hollow, and says it where a pointer rests on it.
const panel = { width: 380, height: 300, left: 58, right: 16, top: 52, bottom: 56 };
const colors = ['#1f6fb4', '#d1601f', '#2f8f4e', '#8a4fb0'];

/** A panel: { title, constant, curves: [{ name, points: [{ x, y, reason? }] }], guide: [{ x, y }] }. */
export function plot(panels, caption) {
  const width = panels.length * panel.width;
  const height = panel.height + 64;
  const names = [...new Set(panels.flatMap(({ curves }) => curves.map(({ name }) => name)))];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
${panels.map((each, i) => `<g transform="translate(${i * panel.width} 0)">\n${drawPanel(each, names)}\n</g>`).join('\n')}
${legend(names, panel.height + 14)}
<text x="14" y="${panel.height + 52}" fill="#666" font-size="11">${escape(caption)}</text>
</svg>
`;
}

function drawPanel({ title, constant, curves, guide }, names) {
  const all = [...curves.flatMap(({ points }) => points), ...guide];
  const across = axis(
    all.map(({ x }) => x),
    panel.left,
    panel.width - panel.right,
  );
  const up = axis(
    curves.flatMap(({ points }) => points.map(({ y }) => y)),
    panel.height - panel.bottom,
    panel.top,
  );
  const [left, right, top, bottom] = [
    panel.left,
    panel.width - panel.right,
    panel.top,
    panel.height - panel.bottom,
  ];
  const at = ({ x, y }) => `${across.place(x).toFixed(1)},${up.place(y).toFixed(1)}`;
  const grid = [
    ...across.ticks.map((tick) => {
      const x = across.place(tick).toFixed(1);
      return `<path d="M${x} ${top}V${bottom}" stroke="#e4e4e4"/><text x="${x}" y="${bottom + 16}" text-anchor="middle">${show(tick)}</text>`;
    }),
    ...up.ticks.map((tick) => {
      const y = up.place(tick).toFixed(1);
      return `<path d="M${left} ${y}H${right}" stroke="#e4e4e4"/><text x="${left - 6}" y="${y}" dy="4" text-anchor="end">${show(tick)}</text>`;
    }),
  ];
  const clip = guide.filter(({ y }) => y >= up.low && y <= up.high);
  return [
    `<text x="${left}" y="22" font-size="14" font-weight="bold">${escape(`by ${title}`)}</text>`,
    `<text x="${left}" y="40" fill="#666">${escape(constant)}</text>`,
    ...grid,
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="none" stroke="#999"/>`,
    `<polyline points="${clip.map(at).join(' ')}" fill="none" stroke="#999" stroke-dasharray="5 4"/>`,
    ...curves.flatMap(({ name, points }) => {
      const color = colors[names.indexOf(name) % colors.length];
      const dots = points.map((point) => {
        const [x, y] = at(point).split(',');
        const told = `${point.x}: ${point.y.toPrecision(3)} ms${point.reason ? `; ${point.reason}` : ''}`;
        const fill = point.reason ? '#fff' : color;
        return `<circle cx="${x}" cy="${y}" r="3" fill="${fill}" stroke="${color}"><title>${escape(told)}</title></circle>`;
      });
      return [
        `<polyline points="${points.map(at).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
        ...dots,
      ];
    }),
    `<text x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${escape(title)}</text>`,
    `<text transform="translate(16 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">ms a step</text>`,
  ].join('\n');
}

/** A logarithmic axis from `start` to `end` that holds the values, with ticks at powers of ten, or of two where there are few. */
function axis(values, start, end) {
  const [low, high] = [Math.min(...values) / 1.2, Math.max(...values) * 1.2];
  const powers = (base) => {
    const ticks = [];
    for (let i = Math.ceil(Math.log(low) / Math.log(base)); base ** i <= high; i++) ticks.push(base ** i);
    return ticks;
  };
  const tens = powers(10);
  const ticks = tens.length >= 3 ? tens : thin(powers(2), 7);
  const place = (value) => start + ((end - start) * Math.log(value / low)) / Math.log(high / low);
  return { low, high, ticks, place };
}

function thin(ticks, most) {
  const every = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % every === 0);
}

function legend(names, y) {
  const entries = [...names.map((name, i) => ({ name, color: colors[i % colors.length], dashes: '' }))];
  entries.push({
    name: 'in proportion to the arithmetic',
    color: '#999',
    dashes: ' stroke-dasharray="5 4"',
  });
  let x = panel.left;
  return entries
    .map(({ name, color, dashes }) => {
      const text = `<path d="M${x} ${y}h24" stroke="${color}" stroke-width="2"${dashes}/><text x="${x + 30}" y="${y + 4}">${escape(name)}</text>`;
      x += 52 + 7 * name.length;
      return text;
    })
    .join('\n');
}

const show = (value) => (value >= 1 ? String(Math.round(value)) : String(Number(value.toPrecision(2))));

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
