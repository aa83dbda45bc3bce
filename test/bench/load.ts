// The benchmarks are plain modules without types: tests say what they expect of them.
import { pathToFileURL, fileURLToPath } from 'node:url';

const folder = new URL('../../bench/', import.meta.url);

export async function loadBench<T>(path: string): Promise<T> {
  const url = pathToFileURL(fileURLToPath(new URL(path, folder))).href;
  return (await import(url)) as T;
}
