import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { processIdentity } from './process-identity.ts';

const instanceFile = z.object({
  ...processIdentity.shape,
  startedAtMs: z.number(),
  /** Unix socket or named pipe that speaks the contract. */
  socketPath: z.string().min(1).max(1_000),
  version: z.string().max(100),
  contract: z.number().int(),
});

/** How the owner of a data directory can be reached. */
export type InstanceFile = z.infer<typeof instanceFile>;

/** Where it is written. */
export function instancePathOf(dataDir: string): string {
  return join(dataDir, 'instance.json');
}

/** What the last owner wrote; `undefined` when there is none or it cannot be understood. */
export async function readInstanceFile(dataDir: string): Promise<InstanceFile | undefined> {
  try {
    return instanceFile.parse(JSON.parse(await readFile(instancePathOf(dataDir), 'utf8')));
  } catch {
    return undefined;
  }
}
