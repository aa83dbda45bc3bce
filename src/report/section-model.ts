// The model's diagram, and its layers as a table.
import { showShape } from '../runtime/tensor.ts';
import { showBytes, showCount } from '../train/progress/text.ts';
import { html, type Html } from './html.ts';
import type { ModelFacts } from './report-input.ts';

/** Maximum bytes of a diagram in a report: that of some hundred layers. */
const largestDiagram = 300_000;

export function modelSection(
  { layers, totals, diagram, text }: ModelFacts,
  allocated: number | undefined,
): Html {
  return html`<section>
    <h2>Model</h2>
    <div class="columns model">
      ${drawing(diagram)}
      <div class="card scroll" id="layers">
        <table>
          <thead>
            <tr>
              <th>path</th>
              <th>layer</th>
              <th>output</th>
              <th class="number">parameters</th>
              <th class="number">multiply-adds</th>
            </tr>
          </thead>
          <tbody>
            ${layers.map(
              (layer) =>
                html`<tr>
                  <td>${layer.path === '' ? '(model)' : layer.path}</td>
                  <td>${layer.layer}</td>
                  <td>${showShape(layer.outputShape)}</td>
                  <td class="number">${showCount(layer.parameters)}</td>
                  <td class="number">${showCount(layer.multiplyAdds)}</td>
                </tr> `,
            )}
          </tbody>
          <tfoot>
            <tr>
              <th>total</th>
              <th></th>
              <th></th>
              <th class="number">${showCount(totals.parameters)}</th>
              <th class="number">${showCount(totals.multiplyAdds)}</th>
            </tr>
          </tfoot>
        </table>
      </div>
    </div>
    ${allocated === undefined ? '' : html`<p class="muted">In memory it took ${showBytes(allocated)}.</p>`}
    ${
      text === undefined
        ? ''
        : html`<details>
            <summary>The model’s text</summary>
            <pre>${text}</pre>
          </details>`
    }
  </section>`;
}

function drawing(diagram: ModelFacts['diagram']): Html {
  if ('missing' in diagram) return html`<p class="muted">There is no diagram: ${diagram.missing}</p>`;
  if (diagram.svg.length > largestDiagram)
    return html`<p class="muted">
      The diagram is too large for this page; <code>nnc graph</code> draws it.
    </p>`;
  return html`<div class="diagram">
    <img src="${svgUri(diagram.svg)}" alt="The model’s layers and the shapes between them" />
  </div>`;
}

/** As an image, so that no script in it can run. */
function svgUri(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
