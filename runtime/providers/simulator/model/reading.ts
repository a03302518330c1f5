import type { ToolSchema } from '../../../../shared/model/conversation.ts';
import { findNamedTools } from './matching.ts';
import { createRecent } from './recent.ts';
import { toSteps, type Step } from './steps.ts';
import { toToolProfile, type ToolProfile } from './tool-profile.ts';
import type { WantedCalls } from './wanted-calls.ts';

/** A prompt understood against the tools offered; the same for every turn of a conversation. */
export interface Reading {
  readonly steps: readonly Step[];
  /** Those of them that come from the system prompt. */
  readonly systemStepCount: number;
  /** Without those that the prompt forbids. */
  readonly tools: readonly ToolProfile[];
  /** The tools that each step names. */
  readonly namedOf: ReadonlyMap<Step, readonly ToolProfile[]>;
  /** What the steps want that need no results for it, as far as it was asked for. */
  readonly wantedOf: Map<Step, WantedCalls>;
}

/** Prompts of agents that run side by side; each is read once more when there are more of them. */
const MAX_READINGS = 1_000;
/** A longer prompt is read at every turn rather than kept. */
const MAX_KEPT_CHARS = 16_000;
const recentReadings = createRecent<Reading>(MAX_READINGS);

/** Reads a prompt. */
export function readPrompt(system: string, prompt: string, offered: readonly ToolSchema[]): Reading {
  const key = JSON.stringify([system, prompt, offered]);
  if (key.length > MAX_KEPT_CHARS) return toReading(system, prompt, offered);
  return recentReadings(key, () => toReading(system, prompt, offered));
}

function toReading(system: string, prompt: string, offered: readonly ToolSchema[]): Reading {
  const names = offered.map((tool) => tool.name);
  const systemSteps = toSteps(system, names);
  const steps = [...systemSteps, ...toSteps(prompt, names)];
  const profiles = offered.map(toToolProfile);
  const banned = new Set(steps.flatMap((step) => (step.kind === 'forbid' ? findNamedTools(step, profiles) : [])));
  const tools = profiles.filter((tool) => !banned.has(tool));
  const namedOf = new Map(steps.map((step) => [step, findNamedTools(step, tools)]));
  return { steps, systemStepCount: systemSteps.length, tools, namedOf, wantedOf: new Map() };
}
