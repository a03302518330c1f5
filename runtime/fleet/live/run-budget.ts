import type { FleetBudget } from '../../../shared/fleet/fleet-schema.ts';
import type { AgentTally } from './run-tally.ts';

/** A sentence when the budget is used up, else `undefined`. Turns without a known price count towards tokens only. */
export function findUsedUp(budget: FleetBudget, tally: AgentTally): string | undefined {
  const { usd, tokens } = budget;
  if (usd !== undefined && tally.costUsd >= usd) return `The budget of $${usd} is used up.`;
  if (tokens !== undefined && tally.inputTokens + tally.outputTokens >= tokens) {
    return `The budget of ${tokens.toLocaleString('en-US')} tokens is used up.`;
  }
  return undefined;
}
