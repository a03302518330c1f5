import type { ItemsContext, ItemsResult } from './items.ts';

/** One item per number, ends included: `{{number}}`. */
export function createRangeItems(
  range: { from: number; to: number; step: number },
  context: ItemsContext,
): ItemsResult {
  const { from, to, step } = range;
  if (from > to)
    return {
      problems: [{ message: `the range from ${from} to ${to} is empty`, hint: '`from` is the smaller number' }],
    };
  const count = Math.floor((to - from) / step) + 1;
  if (count > context.limit && context.isLimitHard) {
    const message = `the range has ${count} numbers, and a fleet has at most ${context.limit} agents`;
    return { problems: [{ message, hint: 'add `limit`, or a larger `step`' }] };
  }
  const rows = Array.from({ length: Math.min(count, context.limit) }, (_, at) => [String(from + at * step)]);
  return { items: { columns: ['number'], rows }, problems: [] };
}
