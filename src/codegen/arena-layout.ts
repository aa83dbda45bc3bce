// Extracts from a schedule what the runtime needs to know of its arena, as data.
import type { Location, Schedule } from '../schedule/schedule.ts';
import type { ArenaLayout, ArenaRegion } from '../runtime/arena.ts';

export function arenaLayout(schedule: Schedule): ArenaLayout {
  const regions = (locations: ReadonlyMap<string, Location>): ArenaRegion[] =>
    [...locations].map(([name, location]) => ({ name, ...location }));
  return {
    programs: schedule.programs.map(({ program, inputs, outputs }) => ({
      name: program.name,
      inputs: regions(inputs),
      outputs: regions(outputs),
    })),
    stored: regions(schedule.stored),
    bytes: schedule.bytes,
    scratch: schedule.scratch,
  };
}
