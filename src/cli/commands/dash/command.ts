// `nnc dash`: a page with the runs of this folder, updated while they train, for this machine only.
import { text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { runsFolder } from '../../runs-folder.ts';

export const dashboard = defineCommand({
  name: 'dash',
  describe: 'Serve a page with the runs and their curves, live, on loopback',
  positionals: [],
  options: {
    port: wholeNumber('The port; by default any that is free', 1),
    folder: text('FOLDER', `Where the runs are; by default ${runsFolder}`),
  },
  examples: [['nnc dash', 'prints the address to open; Ctrl-C ends it']],
  async run(_, { port, folder = runsFolder }, streams) {
    const { serveDashboard } = await import('./run.ts');
    return serveDashboard({ folder, ...(port !== undefined && { port }) }, streams);
  },
});
