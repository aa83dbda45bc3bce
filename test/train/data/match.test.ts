import { describe, expect, it } from 'vitest';
import { classOf, real, setting } from './files.ts';
import { complaint, digits, folderOf, inFolder, load, values, type Model } from './small-data.ts';

describe('a model that the data does not fit', () => {
  it.each<[string, Model, string]>([
    [
      'an input of another size',
      { ...digits, inputs: [real('image', [785])] },
      'data.port: input | image | [785] | mnist | [2, 2] | Write `input image: [2, 2]`; any shape of as many elements will do.',
    ],
    [
      'too few classes',
      { ...digits, targets: [classOf('digit', 5)] },
      'data.port: target | digit | class(5) | mnist | a class of 10 | Write `target digit: class(10)`.',
    ],
    [
      'a real target',
      { ...digits, targets: [real('y', [])] },
      'data.port: target | y | [] | mnist | a class of 10 | Write `target y: class(10)`.',
    ],
    [
      'two inputs',
      { ...digits, inputs: [real('a', [4]), real('b', [4])] },
      'data.port: input | a | [4] | mnist | image [2, 2] | The model has 2 inputs, and mnist gives 1.',
    ],
    [
      'token ids for pictures',
      { ...digits, inputs: [{ name: 'ids', shape: [4], kind: 'int', limit: 300 }] },
      'data.port: input | ids | int(300)[4] | mnist | [2, 2] | Whole numbers are wanted there.',
    ],
  ])('for %s: both sides are named', async (_, model, message) => {
    expect(await complaint(setting('mnist'), { folder: await folderOf(inFolder('mnist')) }, model)).toBe(
      message,
    );
  });

  it('fits in any shape of as many elements, with more classes, or with a vector for the class', async () => {
    const folder = await folderOf(inFolder('mnist'));
    const model = { inputs: [real('image', [1, 2, 2])], targets: [real('y', [10])] };
    const found = await load(setting('mnist'), { folder }, model);
    expect(found.train.columns.get('image')?.shape).toEqual([1, 2, 2]);
    expect(values(found, 'test', 'y')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    await load(setting('mnist'), { folder }, { ...digits, targets: [classOf('digit', 12)] });
    await load(setting('mnist'), { folder }, { ...digits, targets: [] });
  });
});
