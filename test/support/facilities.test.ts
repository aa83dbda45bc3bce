import { expect, it } from 'vitest';
import { lacks, parseRequired } from './facilities.ts';

it('skips for want of something that is not required', () => {
  expect(lacks('strace', 'it is not installed', parseRequired('c-compiler'))).toBe(true);
  expect(lacks('strace', undefined, parseRequired('strace'))).toBe(false);
});

it('fails, with the reason and what helps, where it is required', () => {
  expect(() => lacks('strace', 'it is not installed', parseRequired('c-compiler,strace'))).toThrow(
    'NNC_REQUIRE asks for strace: it is not installed. What helps: install strace; in a container',
  );
});

it('takes all but what is named with a minus', () => {
  const required = parseRequired('all,-headlessgl');
  expect(required.has('headlessgl')).toBe(false);
  expect(required.has('fashion-mnist')).toBe(true);
  expect(parseRequired('').size).toBe(0);
});

it('refuses a name that is none', () => {
  expect(() => parseRequired('chromium,gc')).toThrow(
    'NNC_REQUIRE: gc is unknown; there are all, c-compiler,',
  );
  expect(() => parseRequired('all,-gl')).toThrow('NNC_REQUIRE: gl is unknown');
});
