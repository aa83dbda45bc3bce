// Converts images of bytes to the channels and size of a model's input.

/** Rows of pixels, with the samples of a pixel interleaved: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. An ImageData is one. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** width · height · channels samples from 0 to 255. */
  readonly data: ArrayLike<number>;
}

export interface PictureForm {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The image as planes of the form's size, in sequence. Gray is copied to all three planes of a color form; color is converted to gray by
 * luma (ITU-R BT.601). Alpha is dropped, or opaque if a form has 2 or 4 channels.
 * @param resize whether an image of another size is scaled
 * @returns undefined for another size if it is not scaled
 */
export function planesOf(
  picture: Picture,
  form: PictureForm,
  resize: boolean,
): Uint8Array<ArrayBuffer> | undefined {
  const { width, height } = picture;
  if (width === form.width && height === form.height) return ownPlanes(picture, form.channels);
  if (!resize) return undefined;
  const planes = ownPlanes(picture, form.channels);
  const size = form.width * form.height;
  const out = new Uint8Array(form.channels * size);
  for (let channel = 0; channel < form.channels; channel++) {
    const plane = planes.subarray(channel * width * height, (channel + 1) * width * height);
    out.set(resizePlane(plane, picture, form), channel * size);
  }
  return out;
}

/** 1 to 4; another number if the samples are no picture of this size. */
export function channelsOf({ width, height, data }: Picture): number {
  return data.length / (width * height);
}

/** At the image's own size. */
function ownPlanes(picture: Picture, wanted: number): Uint8Array<ArrayBuffer> {
  const { width, height, data } = picture;
  const channels = channelsOf(picture);
  const size = width * height;
  const out = new Uint8Array(wanted * size);
  const isColor = channels >= 3;
  const hasAlpha = channels === 2 || channels === 4;
  const colors = wanted >= 3 ? 3 : 1;
  for (let pixel = 0, from = 0; pixel < size; pixel++, from += channels) {
    const red = data[from] ?? 0;
    const green = isColor ? (data[from + 1] ?? 0) : red;
    const blue = isColor ? (data[from + 2] ?? 0) : red;
    if (colors === 3) {
      out[pixel] = red;
      out[pixel + size] = green;
      out[pixel + 2 * size] = blue;
    } else {
      // luma weights 0.299, 0.587 and 0.114 in 16-bit fixed point; their sum is one, so that gray is unchanged
      out[pixel] = (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16;
    }
    if (wanted > colors) out[pixel + colors * size] = hasAlpha ? (data[from + channels - 1] ?? 255) : 255;
  }
  return out;
}

type Size = Pick<PictureForm, 'width' | 'height'>;

/** The source pixels of one position of the result, and their weights. */
interface Tap {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Bilinear: a triangle filter around each pixel's center, widened for downscaling so that every source pixel counts.
 */
function resizePlane(plane: Uint8Array, { width, height }: Size, wanted: Size): Uint8Array {
  const across = taps(width, wanted.width);
  const down = taps(height, wanted.height);
  const rows = new Float64Array(wanted.width * height);
  for (let y = 0; y < height; y++) {
    across.forEach(({ first, weights }, x) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += (weights[k] ?? 0) * (plane[y * width + first + k] ?? 0);
      rows[y * wanted.width + x] = sum;
    });
  }
  const out = new Uint8Array(wanted.width * wanted.height);
  down.forEach(({ first, weights }, y) => {
    for (let x = 0; x < wanted.width; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++)
        sum += (weights[k] ?? 0) * (rows[(first + k) * wanted.width + x] ?? 0);
      out[y * wanted.width + x] = Math.round(Math.min(255, Math.max(0, sum)));
    }
  });
  return out;
}

function taps(size: number, newSize: number): readonly Tap[] {
  const scale = size / newSize;
  const support = Math.max(1, scale);
  return Array.from({ length: newSize }, (_, i) => {
    const center = (i + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(center - support));
    const last = Math.min(size - 1, Math.floor(center + support));
    const weights = Float64Array.from(
      { length: last - first + 1 },
      (_, k) => 1 - Math.abs(first + k - center) / support,
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}
