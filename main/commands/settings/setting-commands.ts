import type { SettingChange, SettingState } from '../../../shared/contract/settings.ts';
import { NO_NAMES } from '../../../shared/settings/setting-value.ts';
import { isSettingKey, settingOf } from '../../../shared/settings/settings.ts';
import type { CommandFrame } from '../frame.ts';
import { authorOf, openForReading, openForWriting } from './settings-desk.ts';
import { toCount, toDuration, toSize, toTable } from '../text-table.ts';

/** `settings list`. */
export async function listSettings(frame: CommandFrame): Promise<number> {
  await using desk = await openForReading(frame);
  const { settings, fileProblem } =
    'live' in desk.value
      ? await desk.value.live.calls.settings.list({})
      : { settings: desk.value.next.list(), fileProblem: undefined };
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
  if (fileProblem !== undefined)
    frame.output.note(`The newest edit of the settings file is not in force: ${fileProblem}`);
  return 0;
}

/** The value of a setting as people say it; as it is when no setting has this key any more. */
export function toReadable(key: string, value: unknown): string {
  return isSettingKey(key) ? toHuman(value, settingOf(key).unit) : String(value);
}

/** A value as people say it: `256 MiB`, `30 s`. */
function toHuman(value: unknown, unit: string): string {
  if (value === '' && unit === 'names') return NO_NAMES;
  if (typeof value !== 'number') return String(value);
  if (unit === 'bytes') return toSize(value).replace('.0 ', ' ');
  if (unit === 'ms') return toDuration(value).replace('.0 ', ' ');
  // A part of a thousand is not nothing.
  return unit === 'ratio' ? String(value) : toCount(value);
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
  const values = { [key]: value };
  const { settings, changes, hiddenBy } =
    'live' in desk.value
      ? await desk.value.live.calls.settings.set({ values, by })
      : await desk.value.next.set(values, by);
  for (const setting of settings) {
    showSetting(setting, frame);
    if (changes.length === 0)
      frame.output.note(`${setting.key} was ${toRaw(setting.wanted)} already; nothing has changed.`);
    else if (setting.applies === 'restart' && 'live' in desk.value)
      frame.output.note(`${setting.key} takes effect when the instance starts again.`);
  }
  noteHidden(hiddenBy, frame);
  return 0;
}

/** Says what is stronger than a change that was just made. */
export function noteHidden(hiddenBy: readonly string[], { output }: CommandFrame): void {
  if (hiddenBy.length === 0) return;
  const verb = hiddenBy.length === 1 ? 'is' : 'are';
  output.note(`${hiddenBy.join(', ')} ${verb} stronger than the settings file and will hide this at the next start.`);
}

/** `settings undo [VERSION]`. */
export async function undoSetting(version: number | undefined, frame: CommandFrame): Promise<number> {
  await using desk = await openForWriting(frame);
  const by = authorOf(frame);
  const { changes, hiddenBy } =
    'live' in desk.value
      ? await desk.value.live.calls.settings.undo({ by, version })
      : await desk.value.next.undo(by, version);
  for (const change of changes) {
    frame.output.line('change', change);
    frame.output.text(
      `${change.key} is ${toReadable(change.key, change.to)} again (it was ${toReadable(change.key, change.from)}).`,
    );
  }
  noteHidden(hiddenBy, frame);
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
          toReadable(each.key, each.from),
          toReadable(each.key, each.to),
          each.undoes === undefined ? each.by : `${each.by} (takes back ${each.undoes})`,
        ]),
      ),
    );
  }
  return 0;
}

function showSetting(setting: SettingState, { output }: CommandFrame): void {
  output.line('setting', setting);
  const { draining } = setting;
  const onItsWay = draining ? ` (${draining.left} of ${draining.total} still to change)` : '';
  const effective =
    setting.effective === setting.wanted ? onItsWay : `, effective ${toRaw(setting.effective)}${onItsWay}`;
  const unit = setting.unit === 'count' || setting.unit === 'names' ? '' : ` ${setting.unit}`;
  output.text(
    `${setting.key} = ${toRaw(setting.wanted)}${unit}${effective} (${[toBounds(setting), `default ${toRaw(setting.default)}`, setting.applies, `from ${setting.source}`].filter(Boolean).join(', ')})\n${setting.summary}`,
  );
}

/** A value as it can be given again. */
function toRaw(value: SettingState['wanted']): string {
  return value === '' ? NO_NAMES : String(value);
}

function toBounds({ min, max, values, maxNames }: SettingState): string {
  if (maxNames !== undefined) return `up to ${maxNames} names`;
  return min === undefined ? (values ?? []).join('|') : `${min} to ${max}`;
}
