import type { CpuTasks } from '../../../runtime/workers/cpu-tasks.ts';

/** How much garbage is made. */
export interface Garbage {
  readonly objects: number;
  /** The newest objects that are still needed: so many outlive each collection, and are what it takes its time for. */
  readonly kept: number;
}

const kept: { readonly number: number; readonly text: readonly number[] }[] = [];
let made = 0;

/** A task that makes garbage at a steady rate, so that collections under one setting are alike. */
export const CPU_TASKS: CpuTasks = {
  'make garbage': async () => (wanted: Garbage) => {
    for (let n = 0; n < wanted.objects; n++) {
      kept[made++ % wanted.kept] = { number: made, text: [made, n, made, n, made, n, made, n] };
    }
    return made;
  },
};
