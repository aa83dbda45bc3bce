// Prints a diagram as Mermaid text, which code hosts and editors draw. In a quoted label only character codes are safe: all markup
// characters of Mermaid or of the page are written as codes.
import { printable } from '../diagnostics/printable.ts';
import type { Arrow, Box, BoxKind, Cluster, Diagram } from './diagram.ts';

const classes: { readonly [K in BoxKind]: string } = {
  input: 'fill:#dbeafe,stroke:#475569',
  target: 'fill:#ede9fe,stroke:#475569',
  layer: 'fill:#f8fafc,stroke:#475569',
  operation: 'fill:#ffffff,stroke:#94a3b8',
  loss: 'fill:#fee2e2,stroke:#475569',
  output: 'fill:#dcfce7,stroke:#475569',
  gradient: 'fill:#ffedd5,stroke:#475569',
};

const links: { readonly [K in Arrow['kind']]: readonly [string, string] } = {
  flow: ['--', '-->'],
  shared: ['<-.', '.->'],
  kept: ['-.', '.->'],
};

export function printMermaid({ title, boxes, clusters, arrows }: Diagram): string {
  const kinds = [...new Set(boxes.map(({ kind }) => kind))];
  const roots = clusters.filter(({ parent }) => parent === undefined);
  return [
    '---',
    `title: ${JSON.stringify(printable(title))}`,
    '---',
    'flowchart TB',
    ...kinds.map((kind) => `  classDef ${kind} ${classes[kind]},color:#0f172a`),
    ...boxes.filter(({ cluster }) => cluster === undefined).map((box) => `  ${printBox(box)}`),
    ...roots.flatMap((cluster) => printCluster(cluster, clusters, boxes, '  ')),
    ...arrows.map(({ from, to, kind, label }) => {
      const [before, after] = links[kind];
      return label === ''
        ? `  ${from} ${after === '-->' ? after : '-.->'} ${to}`
        : `  ${from} ${before} "${escape(label)}" ${after} ${to}`;
    }),
    '',
  ].join('\n');
}

function printCluster(
  { id, title }: Cluster,
  clusters: readonly Cluster[],
  boxes: readonly Box[],
  indent: string,
): string[] {
  const inner = clusters.filter(({ parent }) => parent === id);
  return [
    `${indent}subgraph ${id} ["${escape(title)}"]`,
    ...boxes.filter(({ cluster }) => cluster === id).map((box) => `${indent}  ${printBox(box)}`),
    ...inner.flatMap((each) => printCluster(each, clusters, boxes, `${indent}  `)),
    `${indent}end`,
  ];
}

function printBox({ id, kind, title, lines }: Box): string {
  const text = [`<b>${escape(title)}</b>`, ...lines.map(escape)].join('<br/>');
  const [open, close] =
    kind === 'operation' ? ['(["', '"])'] : kind === 'layer' ? ['["', '"]'] : ['("', '")'];
  return `${id}${open}${text}${close}:::${kind}`;
}

/** Letters, digits, spaces and harmless punctuation unchanged; all others as character codes. */
function escape(text: string): string {
  return printable(text).replace(
    /[^\p{L}\p{N} _.,:·=+−×÷\-/[\]()Σ≤@∂]/gu,
    (character) => `#${character.codePointAt(0) ?? 0};`,
  );
}
