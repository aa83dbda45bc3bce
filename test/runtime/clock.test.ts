// The clock counts updates; each epoch ends with one.
import { expect, it } from 'vitest';
import { updateClock } from '../../src/runtime/clock.ts';

const plan = { totalSteps: 12, stepsPerEpoch: 6 };
const clocks = (accumulate: number | undefined, given = plan) =>
  Array.from({ length: given.totalSteps }, (_, i) =>
    updateClock(accumulate === undefined ? {} : { accumulate }, i + 1, given),
  );

it('counts steps where each is an update', () => {
  expect(clocks(undefined)).toEqual(clocks(1));
  expect(clocks(1).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  for (const { steps, batches } of clocks(1)) expect([steps, batches]).toEqual([12, 1]);
});

it('makes an update of the batches that an epoch leaves over', () => {
  expect(clocks(4).map(({ step }) => step)).toEqual([1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4]);
  expect(clocks(4).map(({ batches }) => batches)).toEqual([4, 4, 4, 4, 2, 2, 4, 4, 4, 4, 2, 2]);
  expect(clocks(4).map(({ steps }) => steps)).toEqual(new Array(12).fill(4));
  expect(clocks(3).map(({ batches }) => batches)).toEqual(new Array(12).fill(3));
});

it('makes one update of an epoch with fewer batches', () => {
  expect(clocks(8).map(({ step }) => step)).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  expect(clocks(8).map(({ batches }) => batches)).toEqual(new Array(12).fill(6));
  expect(clocks(8)[0]?.steps).toBe(2);
});

it('leaves nothing over where there are no epochs', () => {
  const endless = { totalSteps: 10, stepsPerEpoch: Number.MAX_SAFE_INTEGER };
  expect(clocks(4, endless).map(({ step }) => step)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
  expect(clocks(4, endless).map(({ batches }) => batches)).toEqual(new Array(10).fill(4));
  expect(clocks(4, endless)[0]?.steps).toBe(2);
  expect(updateClock({ accumulate: 4 }, 1, { ...endless, totalSteps: 3 }).steps).toBe(1);
});
