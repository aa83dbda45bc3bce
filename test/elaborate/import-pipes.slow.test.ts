// A pipe is nothing to import: reading it would wait for ever.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith } from '../cli/program.ts';
import { diagnose } from '../std/run-program.ts';
import { lacksPipes } from '../support/facilities.ts';
import { model } from './models.ts';

it.skipIf(lacksPipes).each([
  ['beside the file', '.', 'pipe.nn', '"it is not a file"'],
  ['in a package', 'node_modules/blocks', 'blocks/pipe.nn', 'import.missing'],
])('a pipe %s is refused, and nobody waits for it', (_, place, imported, complaint) => {
  const folder = folderWith({});
  const inside = join(folder, place);
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'package.json'), '{ "name": "blocks", "version": "1.0.0" }');
  execFileSync('mkfifo', [join(inside, 'pipe.nn')]);
  const text = model('net { Identity }', { definitions: `import "${imported}"` });
  const [found] = diagnose(text, { path: join(folder, 'main.nn') }).diagnostics;
  expect(`${found?.code}: ${JSON.stringify(found?.args)}`).toContain(complaint);
});
