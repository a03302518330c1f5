/** An agent of a fleet file. */
export interface FleetAgent {
  readonly name: string;
  readonly prompt: string;
  readonly tools: readonly string[];
}

/** Each misbehaves in its own way: its name is the tool it calls. */
const MISBEHAVIOURS = ['spin', 'leak_heap', 'leak_buffers', 'crash', 'crash_again', 'flood'] as const;

/** How often the hostile agents of a fleet do what they do. */
export interface Hostility {
  /** Calls of each tool that harms its thread, one after the other. */
  readonly harms: number;
  /** Calls of `flood`, `FLOOD_WIDTH` at a time. */
  readonly floodCalls: number;
}

/** Calls that the flood makes at once. */
const FLOOD_WIDTH = 128;

/** One agent for each way to misbehave. */
export function hostileAgents({ harms, floodCalls }: Hostility): FleetAgent[] {
  return MISBEHAVIOURS.map((tool) => {
    const often = tool === 'flood' ? `${floodCalls} times, ${FLOOD_WIDTH} at a time` : `${harms} times, one at a time`;
    return {
      name: tool.replaceAll('_', '-'),
      tools: [tool],
      prompt: `Call the tool \`${tool}\` exactly ${often}, with id \`call-<n>\`.`,
    };
  });
}

/** A fleet file of these agents; JSON is YAML. */
export function toFleetText(agents: readonly FleetAgent[], limits: Readonly<Record<string, number>> = {}): string {
  return JSON.stringify({
    flotilla: 1,
    name: 'among-hostile-ones',
    workspace: '.',
    model: 'sim/default',
    cache: { toolResults: false },
    agents,
    limits: { concurrentAgents: agents.length, turns: 10_000, toolCalls: 100_000, minutes: 10, ...limits },
  });
}
