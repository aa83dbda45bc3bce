// What documents and workflows tell people, and machines, to run is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { scripts, files } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
};

const documents = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/README.md', 'grammar/README.md', '.ci/run'],
  ...['.github/pull_request_template.md', 'bench/peers/README.md'],
  ...readdirSync(at('.github/workflows')).map((name) => `.github/workflows/${name}`),
];

it.each(documents)('%s names scripts of package.json', (path) => {
  const text = readFileSync(at(path), 'utf8');
  const named = [...text.matchAll(/\bnpm run ([\w:-]+)|\bnpm (test|start)\b/g)].map(
    ([, run, short]) => run ?? short ?? '',
  );
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  // what a step of a workflow starts besides npm
  const started = [...text.matchAll(/^ *- run: (\.[\w/.-]+)/gm)].map(([, script]) => script ?? '');
  expect(started.filter((script) => !existsSync(at(script)))).toEqual([]);
});

it('package.json names files that there are', () => {
  const called = Object.values(scripts).flatMap(
    (line) => line.match(/\b(?:scripts|bench|test)\/[\w/.-]+/g) ?? [],
  );
  expect(called.length).toBeGreaterThan(5);
  expect([...called, ...files].filter((path) => path !== 'dist' && !existsSync(at(path)))).toEqual([]);
});
