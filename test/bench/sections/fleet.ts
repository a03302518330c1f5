import { measureFlotilla } from '../fleet/flotilla.ts';
import { measureAgentsPackage, measureAiPackage, measureOpenAiClient } from '../fleet/rivals.ts';
import { FLEET } from '../fleet/workload.ts';
import type { Section } from '../section.ts';

const ours = 'flotilla';
const openai = 'openai client and p-limit';

export const section: Section = {
  name: 'fleet',
  question: 'What does a fleet cost in Flotilla, with everything recorded, beside the same fleet written by hand?',
  notes: [
    'Every subject runs the same prompts against the simulated provider, which runs in its own process on the same cores and over TLS; its share of the CPU time is a column.',
    'One tool call a turn: 51 turns an agent. The tool does nothing, so that the program around it is what is measured.',
    'Flotilla runs as `flotilla run` composes it: gate, lanes, priorities, history, ledger, metrics, cost. The rivals record nothing.',
    '`clientCpuMsPerTurn` is the CPU time of all threads of the client process, user and system, divided by the turns; start-up and a first small fleet are left out for all.',
    'The official client as its README streams (https://github.com/openai/openai-node); `ai` with `streamText` and `stopWhen` (https://ai-sdk.dev/docs); `@openai/agents` with chat completions, streamed, tracing off (https://openai.github.io/openai-agents-js).',
  ],
  scenarios: [
    {
      name: '200 agents × 50 tool calls',
      question: 'CPU time a turn, memory, and tool calls a second?',
      load: `${FLEET.agents} agents, ${FLEET.callsPerAgent} tool calls each, ${FLEET.width} at the same time; one whole fleet after one of 16 agents`,
      subjects: {
        [ours]: measureFlotilla,
        [openai]: measureOpenAiClient,
        ai: measureAiPackage,
        '@openai/agents': measureAgentsPackage,
      },
      ours: [ours],
      // As `npm run fleet` starts it; see docs/adr/0004.
      nodeFlags: { [ours]: ['--max-semi-space-size=8'] },
      compare: ['opsPerSec', 'clientCpuMsPerTurn', 'peakRssBytes'],
      figures: [
        { ours, measure: 'clientCpuMsPerTurn', atMost: 0.27 },
        { ours, measure: 'peakRssBytes', atMost: 170 * 2 ** 20 },
      ],
      targets: [
        { ours, rival: openai, measure: 'clientCpuMsPerTurn', atMost: 1 / 3 },
        { ours, rival: openai, measure: 'peakRssBytes', atMost: 0.5 },
        { ours, rival: openai, measure: 'opsPerSec', atLeast: 3 },
      ],
    },
  ],
};
