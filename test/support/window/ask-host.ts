import { systemClock } from '../../../runtime/time/clock.ts';
import type { RunView } from '../../../shared/contract/run-schemas.ts';
import { type InstanceClient, joinInstance } from '../../../main/instance/join-instance.ts';

/** Asks the owner of a data directory beside the page: what the page shows is compared with the answer. */
export async function askHost<Answer>(
  dataDir: string,
  ask: (calls: InstanceClient['calls']) => Promise<Answer>,
): Promise<Answer> {
  await using client = await joinInstance(dataDir, systemClock, 'test');
  if (!client) throw new Error('Nobody owns the data directory.');
  return await ask(client.calls);
}

/** A run as the host has it. */
export function getRun(dataDir: string, runId: string): Promise<RunView> {
  return askHost(dataDir, (calls) => calls.runs.get({ runId }));
}

/** Every run as history has it, newest first; 200 at most. */
export async function listRuns(dataDir: string) {
  const { runs } = await askHost(dataDir, (calls) => calls.history.runs({ limit: 200 }));
  return runs;
}
