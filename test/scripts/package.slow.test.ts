// What is published: the files that `npm pack` takes, and what they need of other packages. It asks no registry.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const own = JSON.parse(read('package.json')) as {
  readonly name: string;
  readonly dependencies: object;
  readonly peerDependencies: object;
  readonly engines: { readonly node: string };
};

describe('the package', () => {
  let files: readonly string[] = [];
  beforeAll(() => {
    expect(existsSync(join(root, 'dist/cli/main.js')), '`npm run build` makes dist/').toBe(true);
    const words = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const text = execFileSync('npm', words, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [packed] = JSON.parse(text) as [{ readonly files: readonly { readonly path: string }[] }];
    files = packed.files.map(({ path }) => path);
    expect(files.length).toBeGreaterThan(300);
  }, 120_000);

  it('has no source map without its source', () => {
    expect(files.filter((path) => path.endsWith('.map'))).toEqual([]);
    const scripts = files.filter((path) => path.endsWith('.js'));
    expect(scripts.filter((path) => /^\/\/# sourceMappingURL=/m.test(read(path)))).toEqual([]);
  });

  it('has what its documents link to', () => {
    const documents = files.filter((path) => path.endsWith('.md'));
    expect(documents.length).toBeGreaterThan(5);
    const missing = documents.flatMap((document) =>
      [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, link = '']) => posix.join(posix.dirname(document), link))
        .filter((target) => !files.some((path) => path === target || path.startsWith(`${target}/`)))
        .map((target) => `${document} → ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('imports what it depends on, and nothing else', () => {
    const modules = builtinModules.map((name) => `node:${name}`);
    // its own name is in the text that it prints for generated modules
    const known = new Set([...modules, ...Object.keys(own.dependencies), own.name]);
    const imported = new Set<string>();
    for (const path of files.filter((each) => /^dist\/.*\.js$/.test(each)))
      for (const [, from, called] of read(path).matchAll(
        /^(?:import|export)\b[^;'"]*?\bfrom ['"]([^.'"][^'"]*)['"]|\bimport\(['"]([^.'"][^'"]*)['"]\)/gm,
      ))
        imported.add(packageOf(from ?? called ?? ''));
    expect(imported.size).toBeGreaterThan(3);
    expect([...imported].filter((name) => !known.has(name))).toEqual([]);
  });

  it('holds gpu.js and what that imports, with their licenses', () => {
    const text = read('dist/runtime/gpu/gpu-package.js');
    for (const holder of ['gpu.js Team', 'various contributors (see AUTHORS)'])
      expect(text).toContain(holder);
    expect(text).not.toMatch(/\bfrom ['"]/);
    expect(Object.keys({ ...own.dependencies, ...own.peerDependencies })).not.toContain('gpu.js');
  });
});

/** `assemblyscript` of `assemblyscript/asc`. */
function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

describe('the command on a Node that is too old', () => {
  /** The command's first file beside a package that asks for another Node, with nothing else that it could import. */
  function start(node: string) {
    const folder = mkdtempSync(join(tmpdir(), 'nnc-old-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'dist/cli'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', engines: { node } }));
    copyFileSync(join(root, 'dist/cli/nnc.js'), join(folder, 'dist/cli/nnc.js'));
    return spawnSync(process.execPath, [join(folder, 'dist/cli/nnc.js')], { encoding: 'utf8' });
  }

  it.each(['>=99.1', `>=${process.versions.node.replace(/\d+$/, '99')}`])('says so, for %s', (node) => {
    const { status, stderr } = start(node);
    expect(status).toBe(2);
    expect(stderr.split('\n')[0]).toBe(
      `error: nnc needs Node ${node.slice(2)} or newer, and this is Node ${process.versions.node}`,
    );
    expect(stderr).not.toContain('    at ');
  });

  it.each(['>=18', '>=18.99.99', own.engines.node, `>=${process.versions.node}`])(
    'goes on for %s',
    (node) => {
      expect(start(node).stderr).toContain('Cannot find module');
    },
  );
});
