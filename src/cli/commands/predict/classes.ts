// The most probable classes of an example, as `nnc predict` shows them.

export interface RankedClass {
  readonly class: number;
  readonly name?: string;
  readonly probability: number;
}

/** The most probable classes first; ties by the lower number. */
export function rank(
  probabilities: Float64Array,
  top: number,
  names: readonly string[] | undefined,
): readonly RankedClass[] {
  return Array.from(probabilities, (probability, i): RankedClass => {
    const name = names?.[i];
    return { class: i, ...(name !== undefined && { name }), probability };
  })
    .sort((a, b) => b.probability - a.probability || a.class - b.class)
    .slice(0, top);
}
