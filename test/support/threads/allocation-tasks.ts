import type { CpuTasks } from '../../../runtime/workers/cpu-tasks.ts';
import { AgentAllocation } from './agent-allocation.ts';

const allocation = new AgentAllocation(false);

/** Tasks that allocate as the work of agents does. */
export const CPU_TASKS: CpuTasks = {
  'work as agents do': async () => (steps: number) => {
    for (let step = 0; step < steps; step++) allocation.step();
    return steps;
  },
};
