// Ctrl-C and its like while training: the first asks the work to end after the step under way, the second ends the process.
import { exitCodes } from './failure.ts';

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code that the signal calls for; undefined while none has come. */
  exitCode(): number | undefined;
  /** Gives the signals back their usual effect. */
  close(): void;
}

export function listenForSignals(heard: (name: string) => void): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listener = (name: NodeJS.Signals) => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = name === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
    heard(name);
    controller.abort();
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    close: () => void process.off('SIGINT', listener).off('SIGTERM', listener),
  };
}
