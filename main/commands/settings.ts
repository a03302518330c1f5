import process from 'node:process';
import { systemClock } from '../../runtime/time/clock.ts';
import type { SettingChange, SettingState } from '../../shared/contract/settings.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { claimInstance, type OwnedInstance } from '../instance/claim-instance.ts';
import { type InstanceClient, joinInstance } from '../instance/join-instance.ts';
import { openSettings, type Settings } from '../settings/open-settings.ts';
import type { CommandFrame } from './frame.ts';
import { toCount, toDuration, toSize, toTable } from './text-table.ts';

/** Settings of a running instance, or of the next one. */
type Desk = { readonly live: InstanceClient } | { readonly next: Settings };

/** Times a desk is looked for: the owner may leave, or come, in between. */
const MAX_LOOKS = 20;

/** `settings list`. */
export async function listSettings(frame: CommandFrame): Promise<number> {
  await using desk = await openForReading(frame);
  const settings =
    'live' in desk.value ? (await desk.value.live.calls.settings.list({})).settings : desk.value.next.list();
  for (const setting of settings) frame.output.line('setting', setting);
  frame.output.text(
    toTable(
      ['setting', 'value', 'raw', 'default', 'from'],
      settings.map((each) => [
        each.key,
        each.wanted === each.effective
          ? toHuman(each.effective, each.unit)
          : `${toHuman(each.effective, each.unit)} → ${toHuman(each.wanted, each.unit)}`,
        String(each.wanted),
        toHuman(each.default, each.unit),
        each.source,
      ]),
    ),
  );
  return 0;
}

/** A value as people say it: `256 MiB`, `30 s`. */
function toHuman(value: unknown, unit: string): string {
  if (typeof value !== 'number') return String(value);
  if (unit === 'bytes') return toSize(value).replace('.0 ', ' ');
  return unit === 'ms' ? toDuration(value).replace('.0 ', ' ') : toCount(value);
}

/** `settings get KEY`. */
export async function getSetting(key: string, frame: CommandFrame): Promise<number> {
  await using desk = await openForReading(frame);
  const setting = 'live' in desk.value ? await desk.value.live.calls.settings.get({ key }) : desk.value.next.get(key);
  showSetting(setting, frame);
  return 0;
}

/** `settings set KEY VALUE`. */
export async function setSetting(key: string, value: string, frame: CommandFrame): Promise<number> {
  await using desk = await openForWriting(frame);
  const by = authorOf(frame);
  const { setting, change, hiddenBy } =
    'live' in desk.value
      ? await desk.value.live.calls.settings.set({ key, value, by })
      : await desk.value.next.set(key, value, by);
  showSetting(setting, frame);
  if (!change) frame.output.note(`${key} was ${String(setting.wanted)} already; nothing has changed.`);
  else if (hiddenBy)
    frame.output.note(`${hiddenBy} is stronger than the settings file and will hide this at the next start.`);
  else if (setting.applies === 'restart' && 'live' in desk.value)
    frame.output.note(`${key} takes effect when the instance starts again.`);
  return 0;
}

/** `settings undo`. */
export async function undoSetting(frame: CommandFrame): Promise<number> {
  await using desk = await openForWriting(frame);
  const by = authorOf(frame);
  const { setting, change } =
    'live' in desk.value ? await desk.value.live.calls.settings.undo({ by }) : await desk.value.next.undo(by);
  frame.output.line('change', change);
  frame.output.text(`${change.key} is ${String(setting.wanted)} again (it was ${String(change.from)}).`);
  return 0;
}

/** `settings history`. */
export async function listSettingChanges(limit: number, frame: CommandFrame): Promise<number> {
  await using desk = await openForReading(frame);
  const changes: readonly SettingChange[] =
    'live' in desk.value
      ? (await desk.value.live.calls.settings.history({ limit })).changes
      : desk.value.next.history(limit);
  for (const change of changes) frame.output.line('change', change);
  if (changes.length === 0) frame.output.text('No setting has been changed here yet.');
  else {
    frame.output.text(
      toTable(
        ['version', 'when', 'setting', 'from', 'to', 'by'],
        changes.map((each) => [
          String(each.version),
          new Date(each.atMs).toISOString(),
          each.key,
          String(each.from),
          String(each.to),
          each.undoes === undefined ? each.by : `${each.by} (takes back ${each.undoes})`,
        ]),
      ),
    );
  }
  return 0;
}

function showSetting(setting: SettingState, { output }: CommandFrame): void {
  output.line('setting', setting);
  const effective = setting.effective === setting.wanted ? '' : `, effective ${String(setting.effective)}`;
  const bounds = setting.min === undefined ? (setting.values ?? []).join('|') : `${setting.min} to ${setting.max}`;
  const unit = setting.unit === 'count' ? '' : ` ${setting.unit}`;
  output.text(
    `${setting.key} = ${String(setting.wanted)}${unit}${effective} (${[bounds, `default ${String(setting.default)}`, setting.applies, `from ${setting.source}`].filter(Boolean).join(', ')})\n${setting.summary}`,
  );
}

type OpenDesk = AsyncDisposable & { readonly value: Desk };

async function openForReading(frame: CommandFrame): Promise<OpenDesk> {
  const live = await joinInstance(frame.dataDir, systemClock, programOf(frame));
  if (live) return { value: { live }, [Symbol.asyncDispose]: () => live[Symbol.asyncDispose]() };
  return { value: { next: await openNext(frame) }, [Symbol.asyncDispose]: async () => undefined };
}

/** Whoever changes the files owns the directory meanwhile, so that two changes cannot lose one another. */
async function openForWriting(frame: CommandFrame): Promise<OpenDesk> {
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

function authorOf({ environment }: CommandFrame): string {
  const user = environment['USER'] ?? environment['USERNAME'];
  return user ? `${user} (command line)`.slice(0, 100) : `command line (pid ${process.pid})`;
}
