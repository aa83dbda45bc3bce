// What a release makes of CHANGELOG.md and of the version.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nextVersion, releaseChangelog } from '../../scripts/release/changelog.mjs';

const before = `# Changelog

What users notice.

## Unreleased

- A thing.
- Another.

## 0.1.0 (2026-01-01)

- The first.
`;

describe('a release', () => {
  it('moves what is unreleased under the version and its date', () => {
    expect(releaseChangelog(before, '0.2.0', '2026-02-03')).toBe(`# Changelog

What users notice.

## Unreleased

## 0.2.0 (2026-02-03)

- A thing.
- Another.

## 0.1.0 (2026-01-01)

- The first.
`);
  });

  it('can be made again only when something has changed', () => {
    const once = releaseChangelog(before, '0.2.0', '2026-02-03');
    expect(() => releaseChangelog(once, '0.3.0', '2026-02-04')).toThrow('there is nothing to release');
    expect(() => releaseChangelog(before, '0.1.0', '2026-02-04')).toThrow('a section of 0.1.0 already');
    expect(() => releaseChangelog('# Changelog\n', '0.2.0', '2026-02-03')).toThrow('no section');
  });

  it('can be made of the changelog as it stands', () => {
    const text = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');
    expect(releaseChangelog(text, '999.0.0', '2026-02-03')).toContain(
      '## Unreleased\n\n## 999.0.0 (2026-02-03)\n',
    );
  });
});

it.each([
  ['0.1.9', 'patch', '0.1.10'],
  ['0.1.9', 'minor', '0.2.0'],
  ['0.1.9', 'major', '1.0.0'],
  ['0.1.9', '0.10.0', '0.10.0'],
])('after %s, %s is %s', (current, wanted, version) => {
  expect(nextVersion(current, wanted)).toBe(version);
});

it.each(['0.1.9', '0.1.8', '0.0.10', '0.1', 'v0.2.0', '0.2.0-beta', 'newest'])(
  'after 0.1.9, %s is refused',
  (wanted) => {
    expect(() => nextVersion('0.1.9', wanted)).toThrow(wanted);
  },
);
