import { composeAnswer } from './composition.ts';
import { forceCall, makePlan } from './plan.ts';
import { readPrompt } from './reading.ts';
import { toExchange, toResults } from './results.ts';
import type { Conversation, Turn } from './turn.ts';

/**
 * What the simulated model does next, from nothing but the conversation and the tools offered: the
 * calls that the prompt asks for and whose arguments are known, else the answer, composed from their
 * results. The same conversation always gets the same turn.
 */
export function decideTurn(conversation: Conversation): Turn {
  const { messages, tools, toolChoice } = conversation;
  const { prompt, results } = toExchange(messages);
  const offered = typeof toolChoice === 'object' ? tools.filter((tool) => tool.name === toolChoice.tool) : tools;
  const reading = readPrompt(conversation.system, prompt, toolChoice === 'none' ? [] : offered);
  const known = results.length > 0 ? results : toResults(messages);
  const plan = makePlan(reading, results, (partial, earlier) => composeAnswer(reading, partial, earlier, prompt));
  if (plan.ready.length > 0) {
    const width = conversation.maxCalls === 1 ? 1 : (plan.width ?? conversation.maxCalls);
    return { text: '', calls: plan.ready.slice(0, width).map(({ tool, argumentsJson }) => ({ tool, argumentsJson })) };
  }
  if (toolChoice !== 'auto' && toolChoice !== 'none') {
    const call = forceCall(reading, prompt, typeof toolChoice === 'object' ? toolChoice.tool : undefined);
    if (call) return { text: '', calls: [call] };
  }
  return { text: composeAnswer(reading, plan, known, prompt), calls: [] };
}
