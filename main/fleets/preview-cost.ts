import { estimateTokens } from '../../runtime/agent/compaction.ts';
import type { FleetPreview } from '../../shared/contract/fleets.ts';
import { isFreeProvider, priceFor, toCostUsd } from '../providers/pricing.ts';
import type { FleetOutline, OutlineGroup } from './fleet-outline.ts';
import type { ModelPrice } from '../providers/price-table.ts';

/** A turn in the middle of a conversation says what it calls and little else, in tokens. */
const TURN_OUTPUT_TOKENS = 1_000;

/** What the tools of one turn answer together: half of a file of 300 lines, or a search, in tokens. */
const TURN_RESULT_TOKENS = 1_500;

/** The last answer, where the file sets no ceiling, in tokens. */
const ANSWER_TOKENS = 4_000;

/** Name, description and schema of one tool, in tokens. */
const TOOL_TOKENS = 150;

/** Where a provider's window is not known, in tokens: conversations are compacted to stay inside. */
const WINDOW_TOKENS = 200_000;
const MAX_WINDOW_TOKENS = 1_000_000;

/**
 * What a run of the fleet costs at most, under these assumptions: every agent uses all its turns (one where it has no tools);
 * a turn writes 1,000 tokens and its tools add 1,500; the last answer is as long as its ceiling, or 4,000; every turn sends
 * the whole conversation, up to the context window; nothing is served from a prompt cache; nothing is retried. Most runs stay
 * far below. A budget in dollars bounds it further, since the run pauses there.
 *
 * `upToUsd` is absent, and `unknownBy` says why, when a model's price is not known, or a member is a program, which may spend what
 * nobody here knows.
 */
export function estimateCost(outline: FleetOutline): FleetPreview['cost'] {
  const models = outline.groups.filter(({ kind }) => kind === 'model');
  if (models.length < outline.groups.length) return { isFree: false, unknownBy: 'program' };
  const isFree = models.every((group) => isFreeProvider(group.provider ?? '', definitionOf(outline, group)));
  if (isFree) return { isFree, upToUsd: 0 };
  let sum = 0;
  for (const group of models) {
    const definition = definitionOf(outline, group);
    const price = priceFor(group.provider ?? '', group.model ?? '', definition);
    if (!price) return { isFree, unknownBy: 'price' };
    const windowTokens = Math.min(definition?.contextTokens ?? WINDOW_TOKENS, MAX_WINDOW_TOKENS);
    sum += group.agents * costOfAgent(group, price, { turns: outline.limits.turns, windowTokens });
  }
  return { isFree, upToUsd: Math.min(sum, outline.budget.usd ?? Infinity) };
}

function definitionOf({ providers }: FleetOutline, { provider = '' }: OutlineGroup) {
  return Object.hasOwn(providers, provider) ? providers[provider] : undefined;
}

/** Of the average agent of a group. */
function costOfAgent(
  group: OutlineGroup,
  price: ModelPrice,
  { turns, windowTokens }: { readonly turns: number; readonly windowTokens: number },
): number {
  const ceiling = group.maxOutputTokens ?? ANSWER_TOKENS;
  const turnTokens = Math.min(TURN_OUTPUT_TOKENS, ceiling);
  const start = estimateTokens(group.systemChars + group.promptChars / group.agents) + group.tools.length * TOOL_TOKENS;
  const last = group.tools.length === 0 ? 1 : turns;
  const costOf = (inputTokens: number, outputTokens: number): number =>
    toCostUsd(price, { inputTokens: Math.min(inputTokens, windowTokens), outputTokens }) ?? 0;
  let sum = 0;
  let inputTokens = start;
  for (let turn = 1; turn < last; turn++) {
    if (inputTokens >= windowTokens) {
      // From here on all turns cost the same.
      sum += (last - turn) * costOf(inputTokens, turnTokens);
      break;
    }
    sum += costOf(inputTokens, turnTokens);
    inputTokens += turnTokens + TURN_RESULT_TOKENS;
  }
  return sum + costOf(inputTokens, ceiling);
}
