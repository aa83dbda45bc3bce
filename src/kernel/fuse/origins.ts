// Origins (places in the `.nn` text) of fused kernels.
import type { Origin } from '../../ir/graph/type.ts';
import type { Kernel } from '../../ir/stages/type.ts';

/** The origins of the kernels fused into the reader once the producer is too, without repetition and without the reader's own. */
export function absorbedOrigins(reader: Kernel, producer: Kernel): readonly Origin[] {
  const origins = new Map([[originKey(reader.origin), reader.origin]]);
  for (const origin of [...reader.fused, producer.origin, ...producer.fused]) {
    const key = originKey(origin);
    if (!origins.has(key)) origins.set(key, origin);
  }
  return [...origins.values()].slice(1);
}

function originKey({ span, path, name }: Origin): string {
  return [path, name ?? '', span?.source.path, span?.start, span?.end].join('\n');
}
