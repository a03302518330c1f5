import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openControlPlane } from '../../../main/boot/open-control-plane.ts';
import type { ControlPlane } from '../../../main/boot/control-plane.ts';
import { openSettings } from '../../../main/settings/open-settings.ts';
import type { Gate, LaneName, Permit, WaitingItem } from '../../../runtime/admission/gate.ts';
import type { MemoryGateMode } from '../../../runtime/memory/gate/memory-options.ts';
import type { MemoryReader } from '../../../runtime/memory/gate/memory-reading.ts';
import { systemClock } from '../../../runtime/time/clock.ts';

const GIB = 2 ** 30;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Memory as a test says it is. */
interface TestMemory extends MemoryReader {
  availableBytes: number | undefined;
}

function testMemory(): TestMemory {
  return {
    availableBytes: 8 * GIB,
    read() {
      return { availableBytes: this.availableBytes, totalBytes: 16 * GIB, pressureRatio: undefined, of: 'machine' };
    },
  };
}

/** A control plane whose memory a test takes and gives back. */
export interface MemoryPlane extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly gate: Gate;
  /** Resolves when the memory gate has seen that. */
  until(level: 'open' | 'short'): Promise<void>;
  /** Takes all memory, and the one place that each of these lanes keeps for what must go on. */
  take(lanes: readonly LaneName[], mode?: MemoryGateMode): Promise<void>;
  /** Gives everything back. */
  giveBack(): void;
  /** Resolves with what waits for `owner` for memory in `lane`, as soon as something does. */
  waits(owner: string, lane: LaneName): Promise<readonly WaitingItem[]>;
  /** Writes a fleet of `body` (agents and what belongs to them) into the data directory. */
  fleet(name: string, body: string): Promise<string>;
}

export async function openMemoryPlane(dataDir: string): Promise<MemoryPlane> {
  const settings = await openSettings({ dataDir, environment: {}, clock: systemClock });
  const values = { 'memory.minAvailableBytes': GIB, 'memory.settleMs': 0, 'memory.lookEveryMs': 50 };
  await settings.set(values, 'test');
  const memory = testMemory();
  let gate: Gate | undefined;
  const replace = { gate: (real: Gate) => (gate = real), memoryReader: memory };
  const plane = await openControlPlane(
    { dataDir, settings, environment: process.env, clock: systemClock, log: quiet },
    replace,
  );
  const until = async (level: string): Promise<void> => {
    while (plane.memory().gate.level !== level) await systemClock.sleep(5);
  };
  let held: Permit[] = [];
  return {
    plane,
    gate: gate!,
    until,
    async take(lanes, mode = 'wait') {
      held = await Promise.all(lanes.map((lane) => gate!.acquire(lane, { owner: 'test' })));
      memory.availableBytes = GIB / 2;
      await settings.set({ 'memory.gate': mode }, 'test');
      await until('short');
    },
    giveBack() {
      memory.availableBytes = 8 * GIB;
      for (const permit of held.splice(0)) permit.release();
    },
    async waits(owner, lane) {
      for (;;) {
        const items = gate!.explain(owner).filter((item) => item.lane === lane && item.reason === 'memory');
        if (items.length > 0) return items;
        await systemClock.sleep(5);
      }
    },
    async fleet(name, body) {
      const path = join(dataDir, `${name}.yaml`);
      await writeFile(path, `flotilla: 1\nname: ${name}\nworkspace: .\nmodel: sim/default\n${body}\n`);
      return path;
    },
    async [Symbol.asyncDispose]() {
      for (const permit of held.splice(0)) permit.release();
      await plane[Symbol.asyncDispose]();
    },
  };
}
