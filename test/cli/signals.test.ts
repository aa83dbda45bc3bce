import { describe, expect, it, vi } from 'vitest';
import { listenForSignals } from '../../src/cli/signals.ts';

describe('listenForSignals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('asks at the first %s and ends at the second with %i', (name, code) => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as () => never);
    const heard: string[] = [];
    const interruption = listenForSignals((signal) => heard.push(signal));
    try {
      expect([interruption.signal.aborted, interruption.exitCode()]).toEqual([false, undefined]);
      process.emit(name, name);
      expect([interruption.signal.aborted, interruption.exitCode(), heard]).toEqual([true, code, [name]]);
      expect(exit).not.toHaveBeenCalled();
      process.emit(name, name);
      expect(exit).toHaveBeenCalledWith(code);
    } finally {
      interruption.close();
      exit.mockRestore();
    }
    expect(process.listenerCount(name)).toBe(0);
  });

  it('asks when the terminal is closed, and takes no number of such signals for a wish to end at once', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as () => never);
    const interruption = listenForSignals(() => undefined);
    try {
      for (let i = 0; i < 3; i++) process.emit('SIGHUP', 'SIGHUP');
      expect([interruption.signal.aborted, interruption.exitCode()]).toEqual([true, 129]);
      expect(exit).not.toHaveBeenCalled();
      // a session's end sends one behind the other
      process.emit('SIGTERM', 'SIGTERM');
      expect(exit).not.toHaveBeenCalled();
      process.emit('SIGTERM', 'SIGTERM');
      expect(exit).toHaveBeenCalledWith(129);
    } finally {
      interruption.close();
      exit.mockRestore();
    }
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });
});
