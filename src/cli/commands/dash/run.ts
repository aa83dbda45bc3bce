// `nnc dash`: serves until it receives a signal.
import { startDashboard, type DashboardOptions } from '../../../dash/server.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { exitCodes } from '../../failure.ts';
import { listenForSignals } from '../../signals.ts';
import type { Streams } from '../../streams.ts';

export async function serveDashboard(options: DashboardOptions, streams: Streams): Promise<number> {
  const { port = 0 } = options;
  if (port > 65535)
    fail('option.value', undefined, {
      option: '--port',
      expected: 'a port, 1 to 65535',
      found: JSON.stringify(String(port)),
    });
  const interruption = listenForSignals(() => undefined);
  try {
    const dashboard = await startDashboard(options);
    streams.result(dashboard.address);
    streams.note('Open this address; it is for this machine alone, and its token for you. Ctrl-C ends it.');
    await new Promise<void>((ended) => {
      if (interruption.signal.aborted) ended();
      interruption.signal.addEventListener('abort', () => ended(), { once: true });
    });
    await dashboard.close();
    // a signal is the regular end
    return exitCodes.done;
  } finally {
    interruption.close();
  }
}
