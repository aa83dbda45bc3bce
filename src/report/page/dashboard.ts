// The dashboard's page in the browser: the list of runs, and live curves of the selected ones. The server sends only data, and names are
// inserted as text.
import { ChartGrid, type ShownRun } from './chart-grid.ts';
import { RunCurves, type Axis, type LineJson } from './curves.ts';

interface ListedRun {
  readonly key: string;
  readonly model: string;
  readonly time: string;
  readonly name: string | null;
  readonly note: string | null;
  readonly pinned: boolean;
  readonly state: string;
  readonly epochs: number;
  readonly plannedEpochs: number | null;
  readonly loss: number | null;
  readonly faults: readonly string[];
}

/** As many as there are colors. */
const mostRuns = 8;

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const list = element('runs', HTMLElement);
const link = element('link', HTMLElement);
const shown = element('shown', HTMLTableElement);
const nothing = element('nothing', HTMLElement);
const none = element('none', HTMLElement);
const axis = element('axis', HTMLSelectElement);
const smoothing = element('smoothing', HTMLInputElement);
const logarithmic = element('logarithmic', HTMLInputElement);
const grid = new ChartGrid(element('charts', HTMLElement));

let runs: readonly ListedRun[] | undefined;
/** The selected runs with their colors, in order of selection. */
const chosen = new Map<string, number>();
const curves = new Map<string, RunCurves>();
let stream: EventSource | undefined;
let due = false;

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  // strings become text nodes, never markup
  made.append(...content);
  return made;
}

function connect(): void {
  stream?.close();
  const query = [...chosen.keys()].map((key) => `run=${encodeURIComponent(key)}`).join('&');
  const source = new EventSource(`/events?${query}`);
  stream = source;
  source.addEventListener('open', () => showLink('live'));
  // the browser reconnects by itself
  source.addEventListener('error', () => showLink('not connected'));
  source.addEventListener('runs', ({ data }: MessageEvent<string>) => {
    runs = JSON.parse(data) as readonly ListedRun[];
    if (chosen.size === 0) chooseFirst(runs);
    drawSoon();
  });
  source.addEventListener('lines', ({ data }: MessageEvent<string>) => {
    const { key, reset, lines } = JSON.parse(data) as { key: string; reset: boolean; lines: LineJson[] };
    const known = reset ? undefined : curves.get(key);
    const run = known ?? new RunCurves();
    curves.set(key, run);
    for (const line of lines) run.add(line);
    drawSoon();
  });
}

function showLink(state: 'live' | 'not connected'): void {
  link.textContent = state;
  link.className = `badge ${state === 'live' ? 'running' : 'damaged'}`;
}

/** Selects the running run, or else the newest. */
function chooseFirst(all: readonly ListedRun[]): void {
  const byTime = [...all]
    .filter(({ state }) => state !== 'damaged')
    .sort((a, b) => (a.time < b.time ? 1 : -1));
  const first = byTime.find(({ state }) => state === 'running') ?? byTime[0];
  if (first) choose(first.key, true);
}

function choose(key: string, wanted: boolean): void {
  if (!wanted) {
    chosen.delete(key);
    curves.delete(key);
  } else if (!chosen.has(key) && chosen.size < mostRuns) {
    const taken = [...chosen.values()];
    chosen.set(key, Array.from({ length: mostRuns }, (_, i) => i).find((i) => !taken.includes(i)) ?? 0);
  }
  connect();
  drawSoon();
}

function drawSoon(): void {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
  });
}

function draw(): void {
  drawList();
  drawTable();
  const selected: ShownRun[] = [...chosen].flatMap(([key, color]) => {
    const run = curves.get(key);
    return run ? [{ label: shortLabelOf(key), color, curves: run }] : [];
  });
  nothing.hidden = selected.length > 0;
  grid.draw(selected, {
    axis: axis.value as Axis,
    smoothing: Number(smoothing.value),
    logarithmic: logarithmic.checked,
  });
}

function labelOf(key: string): string {
  const run = runs?.find((each) => each.key === key);
  return run ? `${run.model} ${run.name ?? run.time}` : key;
}

/** Without the model's name if all selected runs have the same. */
function shortLabelOf(key: string): string {
  const models = new Set((runs ?? []).filter((run) => chosen.has(run.key)).map(({ model }) => model));
  const run = runs?.find((each) => each.key === key);
  return run && models.size === 1 ? (run.name ?? run.time) : labelOf(key);
}

function drawList(): void {
  const all = runs ?? [];
  none.hidden = runs === undefined || all.length > 0;
  const focused = document.activeElement?.id;
  const models = [...new Set(all.map(({ model }) => model))];
  list.replaceChildren(
    ...models.map((model) =>
      make(
        'section',
        '',
        make('h2', '', model),
        // the newest first
        ...all
          .filter((run) => run.model === model)
          .reverse()
          .map(listItem),
      ),
    ),
  );
  if (focused?.startsWith('run-') === true) document.getElementById(focused)?.focus();
}

function listItem(run: ListedRun): HTMLElement {
  const color = chosen.get(run.key);
  const box = make('input', '');
  box.type = 'checkbox';
  box.id = `run-${run.key}`;
  box.checked = color !== undefined;
  box.disabled = color === undefined && chosen.size >= mostRuns;
  box.addEventListener('change', () => choose(run.key, box.checked));
  const epochs = run.plannedEpochs === null ? String(run.epochs) : `${run.epochs}/${run.plannedEpochs}`;
  const loss = run.loss === null ? '' : `, loss ${run.loss.toPrecision(4)}`;
  const item = make(
    'label',
    'run',
    box,
    make('span', `swatch${color === undefined ? '' : ` color-${color}`}`),
    make('span', 'name', ...titleOf(run), make('span', 'muted', `${epochs} epochs${loss}`)),
    make('span', `badge ${run.state.replace(/[^a-z]/g, '-')}`, run.state),
  );
  item.title = [...(run.note === null ? [] : [run.note]), ...run.faults].join('\n');
  return item;
}

/** The run's name with its time, or the time alone. */
function titleOf({ name, time, pinned }: ListedRun): (Node | string)[] {
  const pin = pinned ? ' (pinned)' : '';
  return name === null ? [`${time}${pin}`] : [`${name}${pin}`, make('span', 'muted', time)];
}

function drawTable(): void {
  const rows = [...chosen].flatMap(([key, color]) => {
    const run = curves.get(key);
    return run ? [{ key, color, run }] : [];
  });
  const names = [...new Set(rows.flatMap(({ run }) => run.names()))];
  const number = (value: number | undefined) =>
    make('td', 'number', value === undefined ? '–' : String(Number(value.toPrecision(4))));
  const head = [
    '',
    'run',
    'step',
    'epoch',
    ...names,
    ...names.filter(isMeasure).map((name) => `validation ${name}`),
  ];
  const tested = [...new Set(rows.flatMap(({ run }) => [...run.test.keys()]))];
  shown.replaceChildren(
    make(
      'thead',
      '',
      make(
        'tr',
        '',
        ...[...head, ...tested.map((name) => `test ${name}`)].map((text) => make('th', '', text)),
      ),
    ),
    make(
      'tbody',
      '',
      ...rows.map(({ key, color, run }) =>
        make(
          'tr',
          '',
          make('td', '', make('span', `swatch color-${color}`)),
          make('td', '', labelOf(key)),
          number(run.step),
          make('td', 'number', run.epochs > 0 ? `${run.epoch}/${run.epochs}` : String(run.epoch)),
          ...names.map((name) => number(run.latest(name, 'steps', 'epochs'))),
          ...names.filter(isMeasure).map((name) => number(run.latest(name, 'validation'))),
          ...tested.map((name) => number(run.test.get(name))),
        ),
      ),
    ),
  );
  shown.hidden = rows.length === 0;
}

function isMeasure(name: string): boolean {
  return name !== 'learning rate' && name !== 'samples a second';
}

for (const control of [axis, smoothing, logarithmic]) control.addEventListener('input', drawSoon);
connect();
