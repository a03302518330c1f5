import type { SettingPreset } from '../../../shared/contract/settings.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { CommandFrame } from '../frame.ts';
import type { PresetOptions } from '../program.ts';
import { noteHidden, toReadable } from './setting-commands.ts';
import { authorOf, openForReading, openForWriting } from './settings-desk.ts';
import { toTable } from '../text-table.ts';

/** `settings preset [NAME] [--save] [--remove]`. */
export async function runPreset(
  name: string | undefined,
  options: PresetOptions,
  frame: CommandFrame,
): Promise<number> {
  if (name === undefined) {
    if (options.save || options.remove)
      throw new AppError('INPUT_INVALID', 'Say which preset: flotilla settings preset NAME --save.');
    return await listPresets(frame);
  }
  if (options.save && options.remove)
    throw new AppError('INPUT_INVALID', 'A preset is saved or removed; leave out --save or --remove.');
  if (options.save) return await savePreset(name, frame);
  return options.remove ? await removePreset(name, frame) : await applyPreset(name, frame);
}

async function listPresets(frame: CommandFrame): Promise<number> {
  await using desk = await openForReading(frame);
  const presets: readonly SettingPreset[] =
    'live' in desk.value ? (await desk.value.live.calls.settings.presets({})).presets : await desk.value.next.presets();
  for (const preset of presets) {
    frame.output.line('preset', preset);
    const changes = preset.changes.map(({ key, from, to }) => [`  ${key}`, toReadable(key, from), toReadable(key, to)]);
    frame.output.text(`${preset.name}: ${preset.summary}`);
    frame.output.text(
      changes.length === 0 ? '  would change nothing' : toTable(['  would set', 'from', 'to'], changes),
    );
  }
  return 0;
}

async function applyPreset(name: string, frame: CommandFrame): Promise<number> {
  await using desk = await openForWriting(frame);
  const by = authorOf(frame);
  const { changes, hiddenBy } =
    'live' in desk.value
      ? await desk.value.live.calls.settings.applyPreset({ name, by })
      : await desk.value.next.applyPreset(name, by);
  for (const change of changes) frame.output.line('change', change);
  if (changes.length === 0) frame.output.note(`Everything was as "${name}" says already; nothing has changed.`);
  else {
    const rows = changes.map(({ key, from, to }) => [key, toReadable(key, from), toReadable(key, to)]);
    frame.output.text(toTable(['setting', 'from', 'to'], rows));
  }
  noteHidden(hiddenBy, frame);
  return 0;
}

async function savePreset(name: string, frame: CommandFrame): Promise<number> {
  await using desk = await openForWriting(frame);
  if ('live' in desk.value) await desk.value.live.calls.settings.savePreset({ name });
  else await desk.value.next.savePreset(name);
  frame.output.text(`Kept what is set as "${name}".`);
  return 0;
}

async function removePreset(name: string, frame: CommandFrame): Promise<number> {
  await using desk = await openForWriting(frame);
  if ('live' in desk.value) await desk.value.live.calls.settings.removePreset({ name });
  else await desk.value.next.removePreset(name);
  frame.output.text(`Forgot the preset "${name}".`);
  return 0;
}
