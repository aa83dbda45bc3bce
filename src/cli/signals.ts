// Ctrl-C and other signals while training: the first asks the work to end after the current step, the second ends the process. A closed
// terminal (SIGHUP) asks too, but may send several signals at once: it never ends the process.
import { exitCodes } from './failure.ts';

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code for the signal; undefined if there was none. */
  exitCode(): number | undefined;
  /** Restores the signals' default handlers. */
  close(): void;
}

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Heard = (typeof names)[number];

const codes: { readonly [name in Heard]: number } = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hungUp,
};

export function listenForSignals(heard: (name: string) => void): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  /** Whether a first signal has been received. */
  let asked = false;
  const listener = (name: Heard) => {
    if (asked && name !== 'SIGHUP') process.exit(exitCode);
    asked ||= name !== 'SIGHUP';
    if (exitCode !== undefined) return;
    exitCode = codes[name];
    heard(name);
    controller.abort();
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    close: () => names.forEach((name) => void process.off(name, listener)),
  };
}
