import type { CpuTasks } from '../../../runtime/workers/cpu-tasks.ts';

/** How much garbage is made. */
export interface Garbage {
  readonly objects: number;
  /** The newest objects that are still needed: so many outlive each collection, and are what it takes its time for. */
  readonly kept: number;
}

/** Parsed and not written out here: V8 allocates what one place makes among the long-lived objects when it sees it live long. */
const TEXT = JSON.stringify({ name: 'read_file', input: { path: 'main/cli.ts', lines: [1, 20] }, tags: ['a', 'b'] });

const kept: unknown[] = [];
let made = 0;

/** A task that makes garbage at a steady rate, so that collections under one setting are alike. */
export const CPU_TASKS: CpuTasks = {
  'make garbage': async () => (wanted: Garbage) => {
    for (let n = 0; n < wanted.objects; n++) {
      kept[made++ % wanted.kept] = JSON.parse(TEXT);
    }
    return made;
  },
};
