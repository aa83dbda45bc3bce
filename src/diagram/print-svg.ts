// Prints a diagram as SVG, laid out by Graphviz compiled to WebAssembly. The result is one `<svg>` element without external resources or
// scripts, which can be embedded unchanged.
import type { Diagram } from './diagram.ts';
import { printDot } from './print-dot.ts';

export async function printSvg(diagram: Diagram): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  const text = viz.renderString(printDot(diagram), { format: 'svg', engine: 'dot' });
  const start = text.indexOf('<svg');
  if (start < 0) throw new Error('Graphviz gave no picture');
  return text.slice(start).replace(/<!--[\s\S]*?-->\n?/g, '');
}
