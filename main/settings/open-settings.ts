import type { Clock } from '../../runtime/time/clock.ts';
import type { MachineFacts } from '../../shared/settings/define-setting.ts';
import { LiveSettings } from './live-settings.ts';
import { readMachineFacts } from './machine-facts.ts';
import { PresetShelf } from './preset-shelf.ts';
import { SettingLayers } from './setting-layers.ts';
import { SettingsAudit } from './settings-audit.ts';
import { SettingsFile } from './settings-file.ts';
import type { Settings } from './settings.ts';

/** What settings are opened with. Only who owns the data directory may change them. */
export interface SettingsOptions {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--setting` values by key, as text. */
  readonly commandLine?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly machine?: MachineFacts;
}

/**
 * Reads every layer and checks the whole.
 *
 * @throws {AppError} SETTING_UNKNOWN or SETTING_INVALID, naming the layer; a mistake in a file never counts as absent.
 */
export async function openSettings(options: SettingsOptions): Promise<Settings> {
  const { dataDir, environment, clock } = options;
  const machine = options.machine ?? readMachineFacts();
  const [file, audit] = await Promise.all([SettingsFile.open(dataDir, clock), SettingsAudit.open(dataDir)]);
  const layers = new SettingLayers({
    file: file.parse(),
    environment,
    commandLine: options.commandLine ?? {},
    machine,
  });
  return new LiveSettings({ clock, layers, audit, file, presets: new PresetShelf(dataDir, machine) });
}
