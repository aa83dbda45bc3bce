// Prints a diagram in DOT, the language of Graphviz. Texts are HTML-like labels and quoted strings, escaped for each; ids are the
// diagram's own, which are identifiers.
import { printable } from '../diagnostics/printable.ts';
import type { Arrow, Box, BoxKind, Cluster, Diagram } from './diagram.ts';

const fills: { readonly [K in BoxKind]: string } = {
  input: '#dbeafe',
  target: '#ede9fe',
  layer: '#f8fafc',
  operation: '#ffffff',
  loss: '#fee2e2',
  output: '#dcfce7',
  gradient: '#ffedd5',
};

const styles: { readonly [K in Arrow['kind']]: string } = {
  flow: '',
  shared: ', style=dashed, dir=both, color="#7c3aed", fontcolor="#7c3aed", constraint=false',
  kept: ', style=dotted, color="#64748b", fontcolor="#64748b", constraint=false',
};

export function printDot({ title, boxes, clusters, arrows }: Diagram): string {
  const roots = clusters.filter(({ parent }) => parent === undefined);
  return [
    'digraph model {',
    `  graph [label=${quote(title)}, labelloc=t, rankdir=TB, fontname="Helvetica", fontsize=14, compound=true];`,
    '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, color="#475569", margin="0.12,0.06"];',
    '  edge [fontname="Helvetica", fontsize=9, color="#334155", arrowsize=0.7];',
    ...boxes.filter(({ cluster }) => cluster === undefined).map((box) => `  ${printBox(box)}`),
    ...roots.flatMap((cluster) => printCluster(cluster, clusters, boxes, '  ')),
    ...arrows.map(
      ({ from, to, kind, label }) => `  ${from} -> ${to} [label=${quote(label)}${styles[kind]}];`,
    ),
    '}',
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
    `${indent}subgraph ${id} {`,
    `${indent}  graph [label=${quote(title)}, labeljust=l, style="rounded,dashed", color="#94a3b8", fontsize=11];`,
    ...boxes.filter(({ cluster }) => cluster === id).map((box) => `${indent}  ${printBox(box)}`),
    ...inner.flatMap((each) => printCluster(each, clusters, boxes, `${indent}  `)),
    `${indent}}`,
  ];
}

function printBox({ id, kind, title, lines }: Box): string {
  const rows = [`<b>${escapeMarkup(title)}</b>`, ...lines.map(escapeMarkup)];
  const shape = kind === 'operation' ? ', shape=ellipse, style=filled, margin="0.04,0.02"' : '';
  return `${id} [label=<${rows.join('<br/>')}>, fillcolor="${fills[kind]}"${shape}];`;
}

/** In a quoted string a backslash starts an escape of Graphviz (`\N` is the node's name). */
function quote(text: string): string {
  return `"${printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function escapeMarkup(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
