import process from 'node:process';
import { systemClock } from '../../../runtime/time/clock.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { claimInstance, type OwnedInstance } from '../../instance/claim-instance.ts';
import { type InstanceClient, joinInstance } from '../../instance/join-instance.ts';
import { openSettings } from '../../settings/open-settings.ts';
import type { Settings } from '../../settings/settings.ts';
import type { CommandFrame } from '../frame.ts';

/** Settings of a running instance, or of the next one. */
type Desk = { readonly live: InstanceClient } | { readonly next: Settings };

/** A desk until it is disposed of. */
type OpenDesk = AsyncDisposable & { readonly value: Desk };

/** Times a desk is looked for: the owner may leave, or come, in between. */
const MAX_LOOKS = 20;

/** Where settings are read. @throws {AppError} what opening settings throws. */
export async function openForReading(frame: CommandFrame): Promise<OpenDesk> {
  const live = await joinInstance(frame.dataDir, systemClock, programOf(frame));
  if (live) return { value: { live }, [Symbol.asyncDispose]: () => live[Symbol.asyncDispose]() };
  return { value: { next: await openNext(frame) }, [Symbol.asyncDispose]: async () => undefined };
}

/**
 * Where settings are changed. Whoever changes the files owns the directory meanwhile, so that two changes cannot lose one another.
 *
 * @throws {AppError} INSTANCE_UNREACHABLE, and what opening settings throws.
 */
export async function openForWriting(frame: CommandFrame): Promise<OpenDesk> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const live = await joinInstance(frame.dataDir, systemClock, programOf(frame));
    if (live) return { value: { live }, [Symbol.asyncDispose]: () => live[Symbol.asyncDispose]() };
    const owned = await claimInstance(frame.dataDir);
    if (owned) return openOwned(owned, frame);
  }
  throw new AppError('INSTANCE_UNREACHABLE', 'Other programs keep taking this data directory; try again in a moment.');
}

async function openOwned(owned: OwnedInstance, frame: CommandFrame): Promise<OpenDesk> {
  try {
    return { value: { next: await openNext(frame) }, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
  } catch (error) {
    await owned[Symbol.asyncDispose]();
    throw error;
  }
}

function openNext({ dataDir, environment }: CommandFrame): Promise<Settings> {
  return openSettings({ dataDir, environment, clock: systemClock });
}

function programOf({ version }: CommandFrame): string {
  return `flotilla ${version}`;
}

/** Who changes settings from a terminal, as the audit shows it. */
export function authorOf({ environment }: CommandFrame): string {
  const user = environment['USER'] ?? environment['USERNAME'];
  return user ? `${user} (command line)`.slice(0, 100) : `command line (pid ${process.pid})`;
}
