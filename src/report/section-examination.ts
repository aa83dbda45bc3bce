// The confusion matrix, each class's precision and recall, and the examples with the highest loss.
import { showCount, showNumber } from '../train/progress/text.ts';
import type { Confusion, Examination, ExaminedExample } from './examination.ts';
import { html, type Html } from './html.ts';
import { pictureUri, rowText } from './pictures.ts';

/** With more classes no matrix is printed, only each class's most frequent mistake. */
const largestMatrix = 40;

export function examinationSection(examination: Examination): Html {
  const { confusion, part, examples } = examination;
  return html`${confusion && confusionSection(confusion, part, examples)}${mistakesSection(examination)}`;
}

function confusionSection(confusion: Confusion, part: string, examples: number): Html {
  const totals = confusion.counts.map((row) => sum(row));
  const matrix =
    confusion.classes.length <= largestMatrix &&
    html`<div class="card">
      <h3>Confusion matrix</h3>
      ${matrixTable(confusion, totals)}
    </div>`;
  return html`<section>
    <h2>What it takes for what</h2>
    <p class="muted">
      Over all ${showCount(examples)} examples of the ${part} part. A row is what an example is, a column what
      the model said.
    </p>
    <div class="columns">
      ${matrix || ''}
      <div class="card">
        <h3>By class</h3>
        ${classTable(confusion, totals)}
      </div>
    </div>
  </section>`;
}

/** @param totals examples per class */
function matrixTable({ classes, counts }: Confusion, totals: readonly number[]): Html {
  return html`<div class="scroll">
    <table class="confusion${classes.length > 15 ? ' large' : ''}">
      <thead>
        <tr>
          <th></th>
          ${classes.map((name) => html`<th title="${name}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${counts.map(
          (row, truth) =>
            html`<tr>
              <th>${classes[truth]}</th>
              ${row.map((count, answer) => {
                const title = `${count} × ${classes[truth] ?? ''} taken for ${classes[answer] ?? ''}`;
                return cell(count, totals[truth] ?? 0, truth === answer, title);
              })}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Precision, recall and the most frequent mistake of each class. */
function classTable({ classes, counts }: Confusion, totals: readonly number[]): Html {
  const answers = classes.map((_, answer) => sum(counts.map((row) => row[answer] ?? 0)));
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>class</th>
          <th class="number">examples</th>
          <th class="number">precision</th>
          <th class="number">recall</th>
          <th>often taken for</th>
        </tr>
      </thead>
      <tbody>
        ${counts.map((row, truth) => {
          const right = row[truth] ?? 0;
          const [wrong] = row
            .map((count, answer) => ({ count, answer }))
            .filter(({ count, answer }) => answer !== truth && count > 0)
            .sort((a, b) => b.count - a.count);
          return html`<tr>
            <td>${classes[truth]}</td>
            <td class="number">${showCount(totals[truth] ?? 0)}</td>
            <td class="number">${percentage(right, answers[truth] ?? 0)}</td>
            <td class="number">${percentage(right, totals[truth] ?? 0)}</td>
            <td>${wrong ? `${classes[wrong.answer] ?? ''} (${showCount(wrong.count)})` : '–'}</td>
          </tr> `;
        })}
      </tbody>
    </table>
  </div>`;
}

function percentage(count: number, total: number): string {
  return total > 0 ? `${((100 * count) / total).toFixed(1)} %` : '–';
}

function cell(count: number, total: number, right: boolean, title: string): Html {
  const heat = total > 0 && count > 0 ? Math.max(1, Math.round((9 * count) / total)) : 0;
  return html`<td class="${heat > 0 ? `h${heat}` : 'none'}${right ? ' right' : ''}" title="${title}">
    ${count}
  </td>`;
}

function mistakesSection({ worst, forms, part, confusion }: Examination): Html {
  if (worst.length === 0) return html``;
  const shown = worst.map((example) => ({ example, ...appearance(example, forms) }));
  const wide = shown.every(({ picture }) => picture === undefined);
  const heading = confusion ? 'The worst mistakes' : 'The worst examples';
  return html`<section>
    <h2>${heading}</h2>
    <p class="muted">Of the ${part} part, by loss: what the model said, and what was right.</p>
    <ul class="mistakes${wide ? ' wide' : ''}">
      ${shown.map(
        ({ example, picture, row }) =>
          html`<li>
            ${picture && html`<img src="${picture}" alt="example ${example.index}" />`}<span class="answer"
              >${example.answer}</span
            >${example.certainty === undefined ? '' : ` (${(100 * example.certainty).toFixed(0)} %)`}, is
            <span class="truth">${example.truth}</span><br /><span class="muted"
              >${row && html`${row}<br />`}example ${showCount(example.index)}, loss
              ${showNumber(example.loss)}</span
            >
          </li> `,
      )}
    </ul>
  </section>`;
}

/** The first input that is an image or a table row. */
function appearance({ inputs }: ExaminedExample, forms: Examination['forms']) {
  for (const form of forms) {
    const values = inputs.get(form.name);
    if (!values) continue;
    const picture = pictureUri(form, values);
    const row = rowText(form, values);
    if (picture !== undefined || row !== undefined) return { picture, row };
  }
  return { picture: undefined, row: undefined };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
