// Makes a release of what is committed on main: `npm run release -- minor` (or major, patch, or a version). The tests run, CHANGELOG.md
// and the version are edited, and the commit is tagged. Nothing is pushed or published: whoever releases pushes the tag.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nextVersion, releaseChangelog } from './release/changelog.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const dryRun = words.includes('--dry-run');
const [wanted, ...others] = words.filter((word) => word !== '--dry-run');

try {
  release();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function release() {
  if (wanted === undefined || others.length > 0)
    throw new Error('npm run release -- major|minor|patch|VERSION [--dry-run]');
  const { version: current } = JSON.parse(read('package.json'));
  const version = nextVersion(current, wanted);
  const tag = `v${version}`;
  const changelog = releaseChangelog(read('CHANGELOG.md'), version, new Date().toISOString().slice(0, 10));
  checkRepository(tag);

  run('npm', ['test']);
  write('CHANGELOG.md', changelog);
  run('npm', ['version', version, '--no-git-tag-version']);
  run('git', ['commit', '--quiet', '--all', '--message', `release: ${version}`]);
  run('git', ['tag', '--annotate', tag, '--message', `nnc ${version}`]);
  const tense = dryRun ? 'would be' : 'is';
  console.log(`${tag} ${tense} tagged. To publish it: git push origin main ${tag}`);
}

/** @param {string} tag */
function checkRepository(tag) {
  const branch = git(['rev-parse', '--abbrev-ref', 'HEAD']);
  if (branch !== 'main') throw new Error(`releases are made on main, and this is ${branch}`);
  if (git(['status', '--porcelain']) !== '') throw new Error('there are changes that are not committed');
  if (git(['tag', '--list', tag]) !== '') throw new Error(`there is a tag ${tag} already`);
}

/** @param {string} path */
function read(path) {
  return readFileSync(join(root, path), 'utf8');
}

/**
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  if (dryRun) console.log(`would write ${path}`);
  else writeFileSync(join(root, path), text);
}

/** @param {readonly string[]} words */
function git(words) {
  const { status, stdout, stderr, error } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`git ${words.join(' ')}: ${stderr.trim()}`);
  return stdout.trim();
}

/**
 * @param {string} command
 * @param {readonly string[]} words
 */
function run(command, words) {
  const line = [command, ...words].join(' ');
  if (dryRun) {
    console.log(`would run ${line}`);
    return;
  }
  console.log(line);
  // npm is a script of the shell on Windows; none of the words needs quoting
  const shell = command === 'npm' && process.platform === 'win32';
  const { status, error } = spawnSync(command, words, { cwd: root, stdio: 'inherit', shell });
  if (status !== 0) throw error ?? new Error(`${line} failed: what it changed stands uncommitted`);
}
