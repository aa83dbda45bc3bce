import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { matchWeights } from '../../../src/export/safetensors/match-weights.ts';

describe('weights in another format', () => {
  it.each([
    ['a ZIP of torch.save', 'PK\u0003\u0004 and more', 'it is a file of torch.save'],
    ['a pickle of torch.save', '\u0080\u0002}q\u0000 and more', 'it is a file of torch.save'],
    ['HDF5', '\u0089HDF\r\n and more', 'it is an HDF5 file'],
    ['no format', 'something else', 'a header of'],
  ])('are named, with what makes safetensors of them: %s', (_, text, reason) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const thrown = () => matchWeights('w.pt', bytes, [], new Map());
    expect(thrown).toThrow(DiagnosticError);
    try {
      thrown();
    } catch (error) {
      expect(JSON.stringify((error as DiagnosticError).diagnostics[0]?.args)).toContain(reason);
    }
  });
});
