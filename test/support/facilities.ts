// What a test may need and a machine may lack. Every skip goes through `lacks`, so that NNC_REQUIRE can forbid it:
// `NNC_REQUIRE=c-compiler,chromium` names what has to be there, `NNC_REQUIRE=all,-headlessgl` what may be missing.
import { existsSync } from 'node:fs';

/** Each with what helps where it is missing. */
const facilities = {
  'c-compiler': 'install gcc or clang, or name one in CC',
  chromium: 'install Chromium or Chrome, or name one in NNC_CHROMIUM',
  'fashion-mnist': "install Debian's package dataset-fashion-mnist",
  strace: 'install strace; in a container, add the capability SYS_PTRACE',
  tensorboard: 'set NNC_TENSORBOARD to a Python that has the package tensorboard',
  cpu: 'run `npm ci`: the mode is a part of gpu.js',
  webasm: 'run `npm ci`: the mode is a part of gpu.js',
  webgpu:
    'install a Vulkan driver; VK_ICD_FILENAMES and LD_LIBRARY_PATH may name one and its loader, as in .ci/run',
  headlessgl: 'install the package gl, which gpu.js takes where it is there',
  linux: 'run the tests on Linux',
  posix: 'run the tests on a system other than Windows',
  root: 'run the tests as root',
} as const;

export type Facility = keyof typeof facilities;

const required = parseRequired(process.env['NNC_REQUIRE'] ?? '');

function isFacility(name: string): name is Facility {
  return Object.hasOwn(facilities, name);
}

/** @throws where a name is unknown: a misspelt one would require nothing */
export function parseRequired(text: string): ReadonlySet<Facility> {
  const names = new Set<Facility>();
  for (const word of text.split(',').filter((each) => each !== '')) {
    const name = word.replace(/^-/, '');
    if (word === 'all') for (const each of Object.keys(facilities).filter(isFacility)) names.add(each);
    else if (!isFacility(name))
      throw new Error(
        `NNC_REQUIRE: ${name} is unknown; there are all, ${Object.keys(facilities).join(', ')}`,
      );
    else if (word === name) names.add(name);
    else names.delete(name);
  }
  return names;
}

/**
 * Whether tests are to be skipped for want of something: `describe.skipIf(lacks('strace', reason))`.
 * @param reason why it cannot be used here; undefined where it can
 * @throws where NNC_REQUIRE asks for it
 */
export function lacks(
  facility: Facility,
  reason: string | undefined,
  wanted: ReadonlySet<Facility> = required,
): boolean {
  if (reason === undefined) return false;
  if (wanted.has(facility))
    throw new Error(`NNC_REQUIRE asks for ${facility}: ${reason}. What helps: ${facilities[facility]}.`);
  return true;
}

/** The same of a file or folder that is there or not. */
export function lacksPath(facility: Facility, path: string): boolean {
  return lacks(facility, existsSync(path) ? undefined : `there is no ${path}`);
}

const windows = process.platform === 'win32';

export const lacksPipes = lacks('posix', windows ? 'Windows has no named pipes' : undefined);

export const lacksPermissions = lacks('posix', windows ? 'Windows has other permissions' : undefined);

export const lacksSignals = lacks('posix', windows ? 'Windows has no signals' : undefined);
