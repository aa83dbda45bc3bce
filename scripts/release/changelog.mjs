// The edit that a release makes to CHANGELOG.md, and the version that it gives.

const unreleased = '## Unreleased';

/**
 * What stands under `## Unreleased` goes under the version and its date; `## Unreleased` stays, empty.
 * @param {string} text
 * @param {string} version
 * @param {string} date as in 2026-01-31
 * @returns {string}
 */
export function releaseChangelog(text, version, date) {
  const lines = text.split('\n');
  const heads = lines.flatMap((line, at) => (line.startsWith('## ') ? [at] : []));
  const at = heads.find((head) => lines[head] === unreleased);
  if (at === undefined) throw new Error(`CHANGELOG.md has no section "${unreleased}"`);
  if (heads.some((head) => lines[head]?.split(' ')[1] === version))
    throw new Error(`CHANGELOG.md has a section of ${version} already`);
  const end = heads.find((head) => head > at) ?? lines.length;
  if (lines.slice(at + 1, end).every((line) => line.trim() === ''))
    throw new Error(`nothing stands under "${unreleased}" in CHANGELOG.md: there is nothing to release`);
  return [...lines.slice(0, at + 1), '', `## ${version} (${date})`, ...lines.slice(at + 1)].join('\n');
}

/**
 * @param {string} current the version of package.json
 * @param {string} wanted `major`, `minor`, `patch`, or the version itself
 * @returns {string}
 */
export function nextVersion(current, wanted) {
  const [major, minor, patch] = numbersOf(current);
  if (wanted === 'major') return `${major + 1}.0.0`;
  if (wanted === 'minor') return `${major}.${minor + 1}.0`;
  if (wanted === 'patch') return `${major}.${minor}.${patch + 1}`;
  const given = numbersOf(wanted);
  const different = given.findIndex((number, i) => number !== [major, minor, patch][i]);
  if (different < 0 || (given[different] ?? 0) < ([major, minor, patch][different] ?? 0))
    throw new Error(`${wanted} does not come after ${current}`);
  return wanted;
}

/**
 * @param {string} version
 * @returns {[number, number, number]}
 */
function numbersOf(version) {
  const found = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (!found)
    throw new Error(`"${version}" is no version: major, minor, patch, or three numbers as in 0.2.0`);
  return [Number(found[1]), Number(found[2]), Number(found[3])];
}
