import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openControlPlane } from '../../../main/boot/open-control-plane.ts';
import { openSettings } from '../../../main/settings/open-settings.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Tool } from '../../../runtime/tools/tool.ts';
import type { Measured } from '../section.ts';
import { FLEET, measureFleet, NOOP_DESCRIPTION, PROMPT, startSimulator } from './workload.ts';

/** The tool of the section: what it costs is what the program around it costs. */
export const noopTool: Tool<{ id: string }> = {
  name: 'noop',
  description: NOOP_DESCRIPTION,
  input: z.strictObject({ id: z.string().describe('Name of the call.') }),
  lane: 'io',
  repeatable: true,
  run: async () => ({ text: 'ok' }),
};

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** The whole program as `flotilla run` composes it: gate, history, ledger, metrics, settings. */
export async function measureFlotilla(): Promise<Measured> {
  await using simulator = await startSimulator();
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  await using _files = { [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }) };
  const path = join(dataDir, 'fleet.yaml');
  const fleet = {
    flotilla: 1,
    name: 'bench',
    provider: 'local',
    model: 'sim/default',
    providers: {
      local: {
        protocol: 'openai',
        baseUrl: simulator.baseUrl,
        caFile: simulator.caFile,
        price: { inputPerMillion: 1, outputPerMillion: 1 },
      },
    },
    tools: ['noop'],
    limits: { concurrentAgents: FLEET.width, turns: 100 },
    agents: [{ name: 'caller', count: FLEET.agents, prompt: PROMPT }],
  };
  // JSON is YAML.
  await writeFile(path, JSON.stringify(fleet));
  const settings = await openSettings({ dataDir, environment: {}, clock: systemClock });
  await using plane = await openControlPlane(
    { dataDir, settings, environment: process.env, clock: systemClock, log: quiet },
    { tools: [noopTool] },
  );
  return await measureFleet(simulator, async (agents) => {
    const { run } = await plane.launch({ path, overrides: { 'agents.caller.count': agents } });
    const report = await plane.report(await run.settled);
    if (report.lost + report.duplicated + report.agentsFailed > 0)
      throw new Error(`The run did not end well: ${JSON.stringify(report)}`);
    return { turns: report.turns, toolCalls: report.toolCalls };
  });
}
