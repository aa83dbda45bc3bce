// Which places of the `.nn` text a fused kernel stands for.
import type { Origin } from '../../ir/graph/type.ts';
import type { Kernel } from '../../ir/stages/type.ts';

/** What the reader has absorbed once it has absorbed the producer: each place once, its own not among them. */
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
