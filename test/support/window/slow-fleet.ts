import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linesOf, start } from '../../integration/cli/command-line.ts';

/** A provider on this machine that takes its time, as real ones do. */
export interface SlowProvider extends AsyncDisposable {
  /** A fleet whose agents ask it `turns` times each; answers the path of its file. */
  writeFleet(folder: string, fleet: SlowFleet): Promise<string>;
}

/** A fleet of agents that list their folder, over and over. */
interface SlowFleet {
  readonly name: string;
  readonly agents: number;
  readonly concurrentAgents: number;
  /** Calls of a tool, one a turn. */
  readonly calls: number;
  /** Further lines of the file, as a budget. */
  readonly more?: string;
}

/** Starts `flotilla simulate` with a first token after `firstTokenMs`. */
export async function openSlowProvider(firstTokenMs: number): Promise<SlowProvider> {
  const args = ['simulate', '--json', '--first-token-ms', String(firstTokenMs), '--seed', '7'];
  const simulator = start(args, {}, 600_000);
  await simulator.says('simulate.ready');
  const ready = linesOf(simulator.stdout()).find(({ type }) => type === 'simulate.ready');
  return {
    async writeFleet(folder, { name, agents, concurrentAgents, calls, more = '' }) {
      const path = join(folder, `${name}.yaml`);
      await writeFile(
        path,
        `flotilla: 1
name: ${name}
workspace: .
providers:
  local: { protocol: openai, baseUrl: '${String(ready?.['openaiBaseUrl'])}', caFile: '${String(ready?.['caFile'])}' }
provider: local
model: sim/default
tools: [list_files]
agents:
  - name: lister
    count: ${agents}
    prompt: |
      Call list_files exactly ${calls} times, 1 at a time, with path \`.\`.
      Say what this folder is about.
limits: { concurrentAgents: ${concurrentAgents}, turns: ${calls + 2}, toolCalls: ${calls + 2}, minutes: 5 }
${more}`,
      );
      return path;
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}
