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
  /** Whether each harm is followed by a call of `rest`. */
  readonly rests?: boolean;
}

/** Calls that the flood makes at once. */
export const FLOOD_WIDTH = 128;

/** One agent for each way to misbehave. */
export function hostileAgents({ harms, floodCalls, rests = false }: Hostility): FleetAgent[] {
  return MISBEHAVIOURS.map((tool) => ({
    name: tool.replaceAll('_', '-'),
    tools: [tool, 'rest'],
    prompt:
      tool === 'flood'
        ? `Call the tool \`flood\` exactly ${floodCalls} times, ${FLOOD_WIDTH} at a time, with id \`flood-<n>\`.`
        : toHarms(tool, harms, rests),
  }));
}

function toHarms(tool: string, harms: number, rests: boolean): string {
  if (!rests) return `Call the tool \`${tool}\` exactly ${harms} times, one at a time, with id \`${tool}-<n>\`.`;
  const steps = Array.from(
    { length: harms },
    (_, n) => `- Call the tool \`${tool}\` with id \`${tool}-${n}\`.\n- Call the tool \`rest\` with id \`rest-${n}\`.`,
  );
  return `Do these one after the other.\n${steps.join('\n')}`;
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
