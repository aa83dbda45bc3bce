// The rows that an example of a series has of each field.
import type { RawField, RowView } from '../prepare/raw-data.ts';
import type { SeriesForm } from './series.ts';

/** Undefined if an example is one row. */
export function viewOf(
  series: Pick<SeriesForm, 'window' | 'horizon'> | undefined,
  role: RawField['role'],
): RowView | undefined {
  if (!series || series.horizon === 0) return undefined;
  const { window, horizon } = series;
  return role === 'input' ? { rows: window, offset: 0 } : { rows: horizon, offset: window };
}
