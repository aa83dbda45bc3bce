// Ctrl-C and its like while training: the first asks the work to end after the step under way, the second ends the process. A terminal
// that is closed asks as well, but it may do so several times at once: its signal never ends the process.
import { exitCodes } from './failure.ts';

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code that the signal calls for; undefined while none has come. */
  exitCode(): number | undefined;
  /** Gives the signals back their usual effect. */
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
  /** Whether a signal has come that the next one is the second of. */
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
