#!/usr/bin/env node
// The file that the command `nnc` runs. It imports nothing before it knows that this Node is new enough: what the others import may not
// even parse in an older one.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly engines: { readonly node: string };
};
const needed = engines.node.replace(/^>=/, '');

function isOlder(version: string, than: string): boolean {
  const [parts, least] = [version.split('.').map(Number), than.split('.').map(Number)];
  const differing = least.findIndex((number, i) => parts[i] !== number);
  return differing >= 0 && (parts[differing] ?? 0) < (least[differing] ?? 0);
}

if (isOlder(process.versions.node, needed)) {
  console.error(
    `error: nnc needs Node ${needed} or newer, and this is Node ${process.versions.node}\n` +
      '  help: `node --version` shows which Node runs; https://nodejs.org has newer ones.',
  );
  process.exitCode = 2;
} else {
  const { main } = await import('./main.ts');
  await main();
}
