import { seededRandom } from '../statistics.ts';

/** A sequence of keys that are asked for. */
export interface Trace {
  readonly name: string;
  readonly keys: Uint32Array;
}

/** Entries every cache is given. */
export const CAPACITY = 50_000;

const ZIPF_KEYS = 1_000_000;
const ZIPF_EXPONENT = 0.9;
const REQUESTS = 2_000_000;

/** Keys of 0 to `keyCount`, the k-th with a probability that falls with k to the power of `exponent`. */
function zipf(keyCount: number, exponent: number, random: () => number): () => number {
  const cumulative = new Float64Array(keyCount);
  let sum = 0;
  for (let key = 0; key < keyCount; key++) cumulative[key] = sum += (key + 1) ** -exponent;
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = keyCount - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function zipfTrace(): Trace {
  const next = zipf(ZIPF_KEYS, ZIPF_EXPONENT, seededRandom(1));
  return { name: 'Zipf 0.9', keys: Uint32Array.from({ length: REQUESTS }, next) };
}

/** Every 100,000 requests, 20,000 keys that come once. */
function scanTrace(): Trace {
  const next = zipf(ZIPF_KEYS, ZIPF_EXPONENT, seededRandom(2));
  let once = ZIPF_KEYS;
  const keys = Uint32Array.from({ length: REQUESTS }, (_, at) => (at % 100_000 < 20_000 ? once++ : next()));
  return { name: 'Zipf with scans', keys };
}

function loopTrace(): Trace {
  return { name: 'loop of 60,000', keys: Uint32Array.from({ length: REQUESTS / 2 }, (_, at) => at % 60_000) };
}

/** Agents that work at once, the files of one task, and how far back an agent looks. */
const AGENTS = 400;
const FILES = 300_000;
const FILES_OF_A_TASK = 120;
const CALLS_OF_A_TASK = 600;

/**
 * What agents ask tools for: each works for a while on a set of files near each other, reads what it read lately again, looks
 * at files that all know (README, package.json), and lists a folder once in a while.
 */
function toolTrace(): Trace {
  const random = seededRandom(3);
  const popular = zipf(2_000, 1, random);
  const agents = Array.from({ length: AGENTS }, () => ({ base: 0, left: 0, recent: [] as number[] }));
  const keys = new Uint32Array(REQUESTS / 2);
  for (let at = 0; at < keys.length; at++) {
    const agent = agents[Math.floor(random() * AGENTS)]!;
    if (agent.left === 0) {
      agent.base = Math.floor(random() * FILES);
      agent.left = CALLS_OF_A_TASK;
      agent.recent = [];
    }
    agent.left--;
    const kind = random();
    if (kind < 0.2) keys[at] = popular();
    else if (kind < 0.7 && agent.recent.length > 0) {
      // The last ones are the likeliest.
      const back = Math.floor(agent.recent.length * random() ** 2);
      keys[at] = agent.recent[agent.recent.length - 1 - back]!;
    } else {
      const file = 2_000 + ((agent.base + Math.floor(random() * FILES_OF_A_TASK)) % FILES);
      keys[at] = kind < 0.97 ? file : 2_000 + FILES + at;
      agent.recent.push(keys[at]!);
      if (agent.recent.length > 60) agent.recent.shift();
    }
  }
  return { name: 'tool results', keys };
}

/** The traces by name; made when asked for, since each takes a moment. */
export const TRACES: Readonly<Record<string, () => Trace>> = {
  'Zipf 0.9': zipfTrace,
  'Zipf with scans': scanTrace,
  'loop of 60,000': loopTrace,
  'tool results': toolTrace,
};
