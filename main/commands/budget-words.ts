import type { FleetBudget } from '../../shared/fleet/fleet-schema.ts';

const MAX_TOKENS = 1_000_000_000_000;
const MAX_USD = 1_000_000_000;

/** A number of tokens as people write it (`200000`, `200,000`, `200k`, `1.5M`), or a sentence that says what is wrong. */
export function parseTokens(text: string): FleetBudget | string {
  const [, number = '', unit = ''] = /^([\d,_]*\.?\d+) ?([kKmM]?)(?: ?tokens?)?$/.exec(text.trim()) ?? [];
  const tokens =
    Number(number.replaceAll(/[,_]/g, '')) * { k: 1e3, m: 1e6, '': 1 }[unit.toLowerCase() as 'k' | 'm' | ''];
  if (number === '' || !Number.isInteger(tokens) || tokens < 1 || tokens > MAX_TOKENS)
    return `"${text.slice(0, 40)}" is not a number of tokens; write it as 200000, 200k or 1.5M.`;
  return { tokens };
}

/** An amount of US dollars (`5`, `$2.50`), or a sentence that says what is wrong. */
export function parseUsd(text: string): FleetBudget | string {
  const [, number = ''] = /^\$? ?(\d*\.?\d+)(?: ?(?:usd|USD|dollars?))?$/.exec(text.trim().replaceAll(',', '')) ?? [];
  const usd = Number(number);
  if (number === '' || usd <= 0 || usd > MAX_USD)
    return `"${text.slice(0, 40)}" is not an amount of US dollars; write it as 5 or 2.50.`;
  return { usd };
}
