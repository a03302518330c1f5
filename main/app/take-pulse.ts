import { stat } from 'node:fs/promises';
import type { LaneStats } from '../../runtime/admission/gate.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { Pulse } from '../../shared/contract/app.ts';
import type { RunProgress } from '../../shared/model/run-summary.ts';
import type { SettingsValues } from '../../shared/settings/settings.ts';
import type { ControlPlane } from '../boot/control-plane.ts';
import { REFUSAL_SHOWN_MS, toHealth } from './health.ts';
import { watchLoop } from './loop-watch.ts';
import type { PulseSampler } from './pulse.ts';

/** What a pulse is taken from. */
export interface PulseParts {
  readonly plane: Pick<ControlPlane, 'gate' | 'memory' | 'history'>;
  readonly liveRuns: () => readonly RunProgress[];
  readonly settings: { values(): SettingsValues };
  readonly clock: Clock;
  readonly cores: number;
  readonly historyPath: string;
}

/** Lanes named in one pulse; the one in which most waits comes first. */
const MAX_LANES = 20;

/** Begins to watch; each sample says what was since the one before it. */
export function openPulseSampler(parts: PulseParts): PulseSampler {
  const { plane, clock, settings } = parts;
  const loop = watchLoop(parts.cores);
  const findRefusedLane = watchRefusals(clock);
  return {
    async sample() {
      const lanes = plane.gate.stats();
      const memory = plane.memory();
      const runs = parts.liveRuns();
      const values = settings.values();
      const figures = loop.take();
      const history = await readHistory(parts);
      const refusedLane = findRefusedLane(lanes);
      return {
        atMs: clock.nowMs(),
        health: toHealth({ trouble: history.trouble, memory, refusedLane, ...figures }),
        liveRuns: runs.length,
        agentsRunning: runs.reduce((sum, { agentsRunning }) => sum + agentsRunning, 0),
        memory,
        ...figures,
        waiting: toWaiting(lanes),
        cpuWorkers: values['cpu.maxWorkers'],
        ioSlots: values['io.maxRunning'],
        processes: values['process.maxRunning'],
        history,
      };
    },
    [Symbol.dispose]: () => loop[Symbol.dispose](),
  };
}

function toWaiting(lanes: readonly LaneStats[]): Pulse['waiting'] {
  return lanes
    .filter(({ waiting }) => waiting > 0)
    .toSorted((a, b) => b.waiting - a.waiting)
    .slice(0, MAX_LANES)
    .map(({ name, waiting, running, maxRunning }) => ({ lane: name, waiting, running, max: maxRunning }));
}

/** The lane that last refused work, as long as that is worth telling. */
function watchRefusals(clock: Clock): (lanes: readonly LaneStats[]) => string | undefined {
  let counted: ReadonlyMap<string, number> | undefined;
  let last: { readonly lane: string; readonly atMs: number } | undefined;
  return (lanes) => {
    const nowMs = clock.monoMs();
    for (const { name, refused } of counted === undefined ? [] : lanes) {
      if (refused > (counted?.get(name) ?? 0)) last = { lane: name, atMs: nowMs };
    }
    counted = new Map(lanes.map(({ name, refused }) => [name, refused]));
    return last && nowMs - last.atMs < REFUSAL_SHOWN_MS ? last.lane : undefined;
  };
}

async function readHistory({ plane, historyPath }: PulseParts): Promise<Pulse['history']> {
  const { pending, lagMs, trouble } = plane.history.stats();
  // What both files take on the disk: the log keeps its size when what it holds was folded back.
  const sizes = await Promise.all([historyPath, `${historyPath}-wal`].map(sizeOf));
  const said = trouble === undefined ? {} : { trouble: trouble.message };
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), pending, lagMs, ...said };
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
