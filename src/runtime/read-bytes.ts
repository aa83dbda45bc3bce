// Reads what lies beside a module, in Node and in a page.
import { ModelStateError } from './errors.ts';
import { nodeModule } from './wasm/host.ts';

/** @throws ModelStateError when a server does not have it; a system error when a file cannot be read */
export async function readBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const files =
    url.protocol === 'file:' ? await nodeModule<typeof import('node:fs/promises')>('fs/promises') : undefined;
  if (files) return new Uint8Array(await files.readFile(url));
  const response = await fetch(url).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelStateError(`${url.href} cannot be had: ${reason}`, { cause: error });
  });
  if (!response.ok)
    throw new ModelStateError(`${url.href} cannot be had: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
