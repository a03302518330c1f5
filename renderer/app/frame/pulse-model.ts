import type { Pulse } from '../../../shared/contract/app.ts';
import { toBytes, toCount } from '../../ui/format.ts';

/** Work that waits in one lane, in words. */
export interface WaitingWords {
  readonly lane: string;
  /** What a piece of work of this lane is. */
  readonly what: string;
  readonly waiting: number;
  readonly why: string;
}

const KNOWN: Readonly<Record<string, string>> = {
  io: 'tool calls and requests',
  cpu: 'work for worker threads',
  process: 'programs to start',
  'run:all': 'agents, over all runs',
};

/** All that waits, over all lanes. */
export function countWaiting({ waiting }: Pulse): number {
  return waiting.reduce((sum, lane) => sum + lane.waiting, 0);
}

/** What waits in which lane, and why. */
export function toWaitingWords({ waiting }: Pulse): WaitingWords[] {
  return waiting.map((lane) => ({
    lane: lane.lane,
    what: toWork(lane.lane),
    waiting: lane.waiting,
    why:
      lane.running >= lane.max
        ? `all ${toCount(lane.max)} ${lane.max === 1 ? 'place is' : 'places are'} in use`
        : `${toCount(lane.running)} of ${toCount(lane.max)} places are in use; the rest is held back: its run is paused, it waits for its turn, or for a limit over time`,
  }));
}

function toWork(lane: string): string {
  const known = KNOWN[lane];
  if (known !== undefined) return known;
  if (lane.startsWith('provider:')) return `turns for the provider ${lane.slice('provider:'.length)}`;
  if (lane.startsWith('run:')) return 'agents of one run';
  return lane;
}

/** `1.9 / 16 GB`: what the program holds, of the machine's memory. */
export function toMemoryShare({ memory }: Pick<Pulse, 'memory'>): string {
  const whole = toBytes(memory.machineBytes);
  const part = toBytes(memory.rssBytes);
  const [number = part, unit = ''] = part.split(' ');
  const shortWhole = whole.replace(/\.0 /u, ' ');
  return whole.endsWith(` ${unit}`) ? `${number} / ${shortWhole}` : `${part} / ${shortWhole}`;
}
