import { availableParallelism, totalmem } from 'node:os';
import process from 'node:process';
import type { MachineFacts } from '../../shared/settings/define-setting.ts';

/** What this process may use: cores of its affinity, and memory under a container's limit where there is one. */
export function readMachineFacts(): MachineFacts {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  // Without a limit the kernel answers with 0 or a number beyond the machine's memory.
  return { cores: availableParallelism(), memoryBytes: constrained > 0 && constrained < total ? constrained : total };
}
