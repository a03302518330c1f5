import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A fleet for the window's tests. */
export interface LargeFleet {
  readonly agents: number;
  readonly concurrentAgents: number;
  /** Of each agent; each is a read of a small file. */
  readonly callsPerAgent: number;
}

/** Writes a fleet of simulated agents with its workspace below `folder`, and answers its path. */
export async function writeLargeFleet(folder: string, fleet: LargeFleet): Promise<string> {
  const workspace = join(folder, 'workspace');
  await mkdir(workspace, { recursive: true });
  for (let file = 0; file < 6; file++) await writeFile(join(workspace, `station-${file}.csv`), 'a,b\n1,2\n');
  const path = join(folder, 'large.yaml');
  const { agents, concurrentAgents, callsPerAgent } = fleet;
  await writeFile(
    path,
    `flotilla: 1
name: large
workspace: workspace
model: sim/default
tools: [read_file]
agents:
  - name: reader
    count: ${agents}
    prompt: |
      Call read_file exactly ${callsPerAgent} times, 2 at a time, with path \`station-<n%6>.csv\`.
      Report how many lines.
limits: { concurrentAgents: ${concurrentAgents}, turns: ${callsPerAgent + 2}, toolCalls: ${callsPerAgent + 2}, minutes: 10 }
`,
  );
  return path;
}
