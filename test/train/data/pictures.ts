// Small picture files, written by the encoders of the libraries that read them.
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

type Pixel = readonly [red: number, green: number, blue: number, alpha?: number];

/** @param colorType 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha */
export function pngFile(
  width: number,
  height: number,
  pixelAt: (x: number, y: number) => Pixel,
  colorType: 0 | 2 | 4 | 6 = 2,
): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba(width, height, pixelAt));
  return new Uint8Array(PNG.sync.write(png, { colorType }));
}

export function jpegFile(
  width: number,
  height: number,
  pixelAt: (x: number, y: number) => Pixel,
): Uint8Array {
  const data = rgba(width, height, pixelAt);
  return new Uint8Array(jpeg.encode({ width, height, data }, 95).data);
}

function rgba(width: number, height: number, pixelAt: (x: number, y: number) => Pixel): Uint8Array {
  const data = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue, alpha = 255] = pixelAt(x, y);
      data.set([red, green, blue, alpha], 4 * (y * width + x));
    }
  }
  return data;
}
