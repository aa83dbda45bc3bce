// Images of bytes, as decoded from files, for a model's input.
import { fail } from '../../../diagnostics/diagnostic.ts';
import {
  planesOf,
  type Picture as RawPicture,
  type PictureForm,
} from '../../../runtime/preparation/pictures.ts';

/** Rows of pixels, with the samples of a pixel interleaved: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. */
export interface Picture extends RawPicture {
  readonly channels: 1 | 2 | 3 | 4;
  readonly data: Uint8Array;
}

/**
 * The image as planes of the form's size, in sequence.
 * @param resize whether an image of another size is scaled
 * @throws DiagnosticError for another size if it is not scaled
 */
export function fitPicture(
  picture: Picture,
  form: PictureForm,
  resize: boolean,
  path: string,
): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  return (
    planesOf(picture, form, resize) ??
    fail('data.picture-size', undefined, {
      path,
      found: `${width} × ${height}`,
      expected: `${form.width} × ${form.height}`,
    })
  );
}
