// A production's body enters; a railroad diagram leaves as SVG. Every part knows its size around the line that runs through it;
// boxes with round ends are written as they stand, square ones are productions of their own.
import type { Notation } from './notation.ts';

interface Track {
  readonly width: number;
  /** How far it reaches above and below its line. */
  readonly up: number;
  readonly down: number;
  /** Draws it with its line beginning at a place. */
  readonly draw: (x: number, y: number) => string;
}

const characterWidth = 8;
const boxHeight = 22;
const gap = 10;
const radius = 8;
const rowGap = 8;
/** Longer sequences go on in another row. */
const widest = 760;

export function railroad(body: Notation): string {
  const rows = body.kind === 'sequence' ? rowsOf(body.parts.map(layOut)) : [layOut(body)];
  const track = stack(rows);
  const [width, height] = [track.width + 4 * gap, track.up + track.down + 2 * gap];
  const y = gap + track.up;
  const end = y + track.exit;
  const ends = [
    `M${gap} ${y - 8}v16M${gap} ${y}h${gap}`,
    `M${width - 2 * gap} ${end}h${gap}M${width - gap} ${end - 8}v16`,
  ];
  return (
    `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<path d="${ends.join('')}"/>${track.draw(2 * gap, y)}</svg>`
  );
}

function layOut(notation: Notation): Track {
  switch (notation.kind) {
    case 'terminal':
      return box(notation.text, notation.literal ? 'literal' : 'token', notation.literal ? undefined : notation.text);
    case 'rule':
      return box(notation.name, 'rule', notation.name);
    case 'sequence':
      return row(notation.parts.map(layOut));
    case 'choice':
      return choice(notation.parts.map(layOut));
    case 'optional':
      return choice([line, layOut(notation.part)]);
    case 'some':
      return loop(layOut(notation.part));
    case 'many':
      return choice([line, loop(layOut(notation.part))]);
  }
}

const line: Track = { width: 0, up: 0, down: 0, draw: () => '' };

function box(text: string, kind: string, target: string | undefined): Track {
  const width = text.length * characterWidth + 2 * gap;
  const draw = (x: number, y: number) => {
    const shape = `<rect class="${kind}" x="${x}" y="${y - boxHeight / 2}" width="${width}" height="${boxHeight}"`;
    const rounded = kind === 'literal' ? ` rx="${boxHeight / 2}"/>` : '/>';
    const label = `<text x="${x + width / 2}" y="${y + 4}">${escape(text)}</text>`;
    return shape + rounded + (target === undefined ? label : `<a href="#${target}">${label}</a>`);
  };
  return { width, up: boxHeight / 2, down: boxHeight / 2, draw };
}

function rowsOf(parts: readonly Track[]): Track[] {
  const rows: Track[][] = [[]];
  let used = 0;
  for (const part of parts) {
    if (used > 0 && used + part.width > widest) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(part);
    used += part.width + gap;
  }
  return rows.map(row);
}

function row(parts: readonly Track[]): Track {
  const width = parts.reduce((sum, part) => sum + part.width, 0) + gap * Math.max(0, parts.length - 1);
  const draw = (x: number, y: number) => {
    let at = x;
    return parts
      .map((part, index) => {
        const link = index > 0 ? `<path d="M${at - gap} ${y}h${gap}"/>` : '';
        const drawn = link + part.draw(at, y);
        at += part.width + gap;
        return drawn;
      })
      .join('');
  };
  return { width, up: Math.max(...parts.map((part) => part.up)), down: Math.max(...parts.map((part) => part.down)), draw };
}

/** Rows below one another, each going on where the one above ends; the line leaves `exit` below where it entered. */
function stack(rows: readonly Track[]): Track & { readonly exit: number } {
  const [first = line] = rows;
  if (rows.length < 2) return { ...first, exit: 0 };
  const width = Math.max(...rows.map((each) => each.width)) + 4 * radius;
  const drops = rows.map((each, index) => (index === 0 ? 0 : (rows[index - 1]?.down ?? 0) + each.up + 3 * rowGap));
  const exit = drops.reduce((sum, drop) => sum + drop, 0);
  const draw = (x: number, y: number) => {
    const left = x + 2 * radius;
    let at = y;
    const drawn = rows.map((each, index) => {
      const drop = drops[index] ?? 0;
      const before = rows[index - 1];
      const turn = before ? rowTurn(left + before.width, at, left, before.down + rowGap * 1.5, drop) : '';
      at += drop;
      return turn + each.draw(left, at);
    });
    const last = left + (rows.at(-1)?.width ?? 0);
    return `<path d="M${x} ${y}h${2 * radius}M${last} ${at}H${x + width}"/>${drawn.join('')}`;
  };
  return { width, up: first.up, down: exit + (rows.at(-1)?.down ?? 0), draw, exit };
}

/** The line from the end of a row, back below it, to the beginning of the next. */
function rowTurn(fromX: number, fromY: number, toX: number, back: number, drop: number): string {
  const r = radius;
  const right = `M${fromX} ${fromY}a${r} ${r} 0 0 1 ${r} ${r}v${back - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}`;
  const left = `H${toX}a${r} ${r} 0 0 0 ${-r} ${r}v${drop - back - 2 * r}a${r} ${r} 0 0 0 ${r} ${r}`;
  return `<path d="${right}${left}"/>`;
}

function choice(parts: readonly Track[]): Track {
  const inner = Math.max(...parts.map((part) => part.width));
  const width = inner + 4 * radius;
  const offsets: number[] = [];
  let below = 0;
  for (const [index, part] of parts.entries()) {
    const before = parts[index - 1];
    below += before ? Math.max(2 * radius, before.down + part.up + rowGap) : 0;
    offsets.push(below);
  }
  const down = below + (parts.at(-1)?.down ?? 0);
  const draw = (x: number, y: number) =>
    parts
      .map((part, index) => {
        const offset = offsets[index] ?? 0;
        const start = x + 2 * radius;
        const end = start + part.width;
        const rest = `M${end} ${y + offset}H${start + inner}`;
        const [r, right] = [radius, start + inner];
        const path =
          offset === 0
            ? `M${x} ${y}h${2 * r}${rest}h${2 * r}`
            : `M${x} ${y}a${r} ${r} 0 0 1 ${r} ${r}v${offset - 2 * r}a${r} ${r} 0 0 0 ${r} ${r}` +
              `${rest}a${r} ${r} 0 0 0 ${r} ${-r}V${y + r}a${r} ${r} 0 0 1 ${r} ${-r}M${right} ${y + offset}`;
        return `<path d="${path}"/>${part.draw(start, y + offset)}`;
      })
      .join('');
  return { width, up: parts[0]?.up ?? 0, down, draw };
}

/** A part that may be followed by itself, by the line that leads back below it. */
function loop(part: Track): Track {
  const r = radius;
  const back = Math.max(2 * r, part.down + rowGap);
  const draw = (x: number, y: number) => {
    const [left, right] = [x + r, x + r + part.width];
    const path =
      `M${x} ${y}h${r}M${right} ${y}h${r}M${right} ${y}a${r} ${r} 0 0 1 ${r} ${r}v${back - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}` +
      `H${left}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - back}a${r} ${r} 0 0 1 ${r} ${-r}`;
    return `<path d="${path}"/>${part.draw(left, y)}`;
  };
  return { width: part.width + 2 * r, up: part.up, down: back, draw };
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities.get(character) ?? character);
}
