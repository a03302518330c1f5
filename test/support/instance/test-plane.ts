import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlane } from '../../../main/boot/control-plane.ts';
import type { Log } from '../../../main/boot/log.ts';
import { openControlPlane, type Replacements } from '../../../main/boot/open-control-plane.ts';
import { openSettings } from '../../../main/settings/open-settings.ts';
import type { Settings, SettingValues } from '../../../main/settings/settings.ts';
import type { Gate } from '../../../runtime/admission/gate.ts';
import type { LiveRun } from '../../../runtime/fleet/fleets.ts';
import type { Tool } from '../../../runtime/tools/tool.ts';
import { systemClock, type Clock } from '../../../runtime/time/clock.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** A control plane of its own with its settings, in a folder that goes with it. */
export interface TestPlane extends AsyncDisposable {
  readonly plane: ControlPlane;
  /** The gate that everything crosses. */
  readonly gate: Gate;
  readonly settings: Settings;
  /** The data directory, and the workspace of the fleets. */
  readonly dataDir: string;
  set(values: SettingValues): Promise<void>;
  /** Launches a fleet from its text. */
  launch(text: string): Promise<LiveRun>;
  /** Closes it and opens it again in its folder, as the next start of the program does: `plane`, `gate` and `settings` are new. */
  restart(): Promise<void>;
}

/** What a test may put in place of what a plane has otherwise. */
export interface TestParts extends Omit<Replacements, 'gate' | 'tools'> {
  /** The clock of everything that runs; that of the machine unless told. */
  readonly clock?: Clock;
  readonly log?: Log;
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface OpenPlane extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly gate: Gate;
  readonly settings: Settings;
}

/**
 * @param tools Offered beside the built-in ones.
 * @param replace Other parts than the real ones.
 */
export async function openTestPlane(
  values: SettingValues = {},
  tools: readonly Tool[] = [],
  replace: TestParts = {},
): Promise<TestPlane> {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'plane-'));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const open = (): Promise<OpenPlane> => openIn(dataDir, { ...replace, tools });
  // Unless told, what is still under way at the end of a test is ended and not waited for.
  const before = await openSettings({ dataDir, environment: {}, clock: systemClock });
  await before.set({ 'agents.stopDeadlineMs': 0, ...values }, 'test');
  let current = await open();
  opening.defer(() => current[Symbol.asyncDispose]());
  const owned = opening.move();
  let fleets = 0;
  return {
    get plane() {
      return current.plane;
    },
    get gate() {
      return current.gate;
    },
    get settings() {
      return current.settings;
    },
    dataDir,
    set: async (more) => void (await current.settings.set(more, 'test')),
    launch: async (text) => {
      const path = join(dataDir, `fleet-${++fleets}.yaml`);
      await writeFile(path, text);
      return (await current.plane.launch({ path, overrides: {} })).run;
    },
    async restart() {
      await current[Symbol.asyncDispose]();
      current = await open();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openIn(dataDir: string, parts: TestParts & Pick<Replacements, 'tools'>): Promise<OpenPlane> {
  const { clock = systemClock, log = quiet, ...replace } = parts;
  const settings = await openSettings({ dataDir, environment: {}, clock });
  const options = { dataDir, settings, environment: process.env, clock, log };
  let gate: Gate | undefined;
  const plane = await openControlPlane(options, { ...replace, gate: (real) => (gate = real) });
  if (!gate) throw new AppError('INTERNAL', 'The control plane has opened no gate.');
  return { plane, gate, settings, [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose]() };
}
