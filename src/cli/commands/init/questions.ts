// Questions on a terminal, with the answer that Enter gives.
import { createInterface } from 'node:readline/promises';

export type Ask = (question: string, usual: string) => Promise<string>;

/** Undefined where nobody could answer. */
export function terminalAsk(): Ask | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question, usual) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await lines.question(`${question} [${usual}] `);
      return answer.trim() === '' ? usual : answer.trim();
    } finally {
      lines.close();
    }
  };
}
