// The report's page in the browser: draws the curves and handles the controls. The page contains its data as JSON.
import { ChartGrid } from './chart-grid.ts';
import { RunCurves, type Axis, type LineJson } from './curves.ts';

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const lines = JSON.parse(element('lines', HTMLScriptElement).textContent) as readonly LineJson[];
const curves = new RunCurves();
for (const line of lines) curves.add(line);

const grid = new ChartGrid(element('charts', HTMLElement));
const axis = element('axis', HTMLSelectElement);
const smoothing = element('smoothing', HTMLInputElement);
const logarithmic = element('logarithmic', HTMLInputElement);

// few points are readable; many need smoothing
const logged = curves.points('loss', 'steps', 'step', 0).y.filter((loss) => loss !== null);
smoothing.value = logged.length < 60 ? '0' : logged.length < 300 ? '0.6' : '0.9';
logarithmic.checked = Math.max(...logged) > 20 * Math.min(...logged) && Math.min(...logged) > 0;

function draw(): void {
  grid.draw([{ label: 'run', color: 0, curves }], {
    axis: axis.value as Axis,
    smoothing: Number(smoothing.value),
    logarithmic: logarithmic.checked,
  });
}

for (const control of [axis, smoothing, logarithmic]) control.addEventListener('input', draw);
// printing uses the light theme
for (const [event, theme] of [
  ['beforeprint', 'light'],
  ['afterprint', ''],
] as const)
  addEventListener(event, () => {
    document.documentElement.dataset['theme'] = theme;
    grid.redraw();
  });
draw();
