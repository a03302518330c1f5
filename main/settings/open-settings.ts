import { AppError } from '../../shared/errors/app-error.ts';
import type { SettingChange, SettingState } from '../../shared/contract/settings.ts';
import type { MachineFacts, SettingValue } from '../../shared/settings/define-setting.ts';
import { checkSettings } from '../../shared/settings/setting-rules.ts';
import { parseSettingKey, parseSettingValue } from '../../shared/settings/setting-value.ts';
import { SETTING_KEYS, type SettingKey, settingOf, type SettingsValues } from '../../shared/settings/settings.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import { readMachineFacts } from './machine-facts.ts';
import { SettingLayers } from './setting-layers.ts';
import { SettingsAudit } from './settings-audit.ts';
import { readSettingsFile, writeSettingsFile } from './settings-file.ts';

/** Applies new values to what they limit; a rejection takes the change back. */
type ApplyListener = (values: SettingsValues, changed: readonly SettingKey[]) => Promise<void> | void;

/** What settings are opened with. Only who owns the data directory may change them. */
export interface SettingsOptions {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--setting` values by key, as text. */
  readonly commandLine?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly machine?: MachineFacts;
}

/** The answer to a change. */
interface AppliedChange {
  /** `undefined` when the value was already wanted, from the file or stronger. */
  readonly change: SettingChange | undefined;
  readonly setting: SettingState;
  /** Names the stronger layer that will hide the change at the next start. */
  readonly hiddenBy: string | undefined;
}

/** The live settings of one data directory. */
export interface Settings {
  /** Counts the changes ever made; a run records it. */
  readonly version: number;
  /** What acts now. */
  values(): SettingsValues;
  list(): readonly SettingState[];
  /** @throws {AppError} SETTING_UNKNOWN */
  get(key: string): SettingState;
  /**
   * Validates, applies, writes the file and the audit; all of it or nothing.
   *
   * @throws {AppError} SETTING_UNKNOWN, SETTING_INVALID, DATA_DIR_READ_ONLY, DISK_FULL, or what a listener refused with.
   */
  set(key: string, value: SettingValue, by: string): Promise<AppliedChange>;
  /** Takes back the newest change that has not been taken back. @throws {AppError} SETTING_INVALID when there is none. */
  undo(by: string): Promise<AppliedChange & { readonly change: SettingChange }>;
  /** Calls `listener` with each change that has been applied and written. */
  onRecorded(listener: (change: SettingChange) => void): Disposable;
  /** Newest first. */
  history(limit: number): readonly SettingChange[];
  /** Called with every change before it is kept, one at a time; those that apply at a restart do not arrive. */
  onChange(listener: ApplyListener): Disposable;
}

/**
 * Reads every layer and checks the whole.
 *
 * @throws {AppError} SETTING_UNKNOWN or SETTING_INVALID, naming the layer; a mistake in a file never counts as absent.
 */
export async function openSettings(options: SettingsOptions): Promise<Settings> {
  const [file, audit] = await Promise.all([readSettingsFile(options.dataDir), SettingsAudit.open(options.dataDir)]);
  const layers = new SettingLayers({
    file,
    environment: options.environment,
    commandLine: options.commandLine ?? {},
    machine: options.machine ?? readMachineFacts(),
  });
  return new LayeredSettings(options, layers, audit);
}

class LayeredSettings implements Settings {
  readonly #options: SettingsOptions;
  readonly #layers: SettingLayers;
  readonly #audit: SettingsAudit;
  readonly #listeners = new Set<ApplyListener>();
  readonly #recorded = new Set<(change: SettingChange) => void>();
  #effective: SettingsValues;
  /** Changes happen one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SettingsOptions, layers: SettingLayers, audit: SettingsAudit) {
    this.#options = options;
    this.#layers = layers;
    this.#audit = audit;
    this.#effective = layers.wanted();
    checkSettings(this.#effective);
  }

  get version(): number {
    return this.#audit.version;
  }

  values(): SettingsValues {
    return this.#effective;
  }

  list(): readonly SettingState[] {
    return SETTING_KEYS.map((key) => this.#state(key));
  }

  get(key: string): SettingState {
    return this.#state(parseSettingKey(key));
  }

  set(keyText: string, value: SettingValue, by: string): Promise<AppliedChange> {
    return this.#serially(async () => {
      const key = parseSettingKey(keyText);
      return this.#change(key, parseSettingValue(key, value), { by });
    });
  }

  undo(by: string): Promise<AppliedChange & { readonly change: SettingChange }> {
    return this.#serially(async () => {
      const undone = this.#audit.newestUndoable();
      if (!undone) throw new AppError('SETTING_INVALID', 'There is no change of a setting to take back.');
      const key = parseSettingKey(undone.change.key);
      const applied = await this.#change(key, undone.fileValueBefore, { by, undoes: undone.change.version });
      return { ...applied, change: applied.change as SettingChange };
    });
  }

  history(limit: number): readonly SettingChange[] {
    return this.#audit.newest(limit);
  }

  onChange(listener: ApplyListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  onRecorded(listener: (change: SettingChange) => void): Disposable {
    this.#recorded.add(listener);
    return { [Symbol.dispose]: () => void this.#recorded.delete(listener) };
  }

  /** @param value What the file is to hold; `undefined` takes the key out of it. */
  async #change(
    key: SettingKey,
    value: SettingValue | undefined,
    how: { readonly by: string; readonly undoes?: number },
  ): Promise<AppliedChange> {
    const layers = this.#layers;
    const before = { wanted: layers.wanted(), file: new Map(layers.file) };
    const from = before.wanted[key];
    const hiddenBy = layers.strongerThanFile(key);
    const restore = layers.put(key, value);
    const wanted = layers.wanted();
    const isSame = from === wanted[key] && before.file.get(key) === value;
    if (isSame && how.undoes === undefined) {
      restore();
      return { change: undefined, setting: this.#state(key), hiddenBy };
    }
    try {
      checkSettings(wanted);
      await this.#apply(wanted, key);
    } catch (error) {
      restore();
      throw error;
    }
    const change = { key, from, to: wanted[key], atMs: this.#options.clock.nowMs(), ...how };
    try {
      await writeSettingsFile(this.#options.dataDir, layers.file);
      const recorded = await this.#audit.append(change, before.file.get(key));
      for (const listener of this.#recorded) listener(recorded);
      return { change: recorded, setting: this.#state(key), hiddenBy };
    } catch (error) {
      restore();
      await writeSettingsFile(this.#options.dataDir, before.file).catch(() => undefined);
      await this.#apply(before.wanted, key);
      throw error;
    }
  }

  /** Applies to every listener or to none. */
  async #apply(wanted: SettingsValues, key: SettingKey): Promise<void> {
    if (settingOf(key).applies === 'restart' && this.#listeners.size > 0) return;
    const previous = this.#effective;
    const next = { ...previous, [key]: wanted[key] } as SettingsValues;
    const applied: ApplyListener[] = [];
    try {
      for (const listener of this.#listeners) {
        applied.push(listener);
        await listener(next, [key]);
      }
      this.#effective = next;
    } catch (error) {
      for (const listener of applied.toReversed())
        await Promise.resolve(listener(previous, [key])).catch(() => undefined);
      throw error;
    }
  }

  #state(key: SettingKey): SettingState {
    const setting = settingOf(key);
    const { value, source } = this.#layers.resolve(key);
    const bounds = 'min' in setting ? { min: setting.min, max: setting.max } : {};
    const values = setting.kind === 'choice' ? { values: [...setting.values] } : {};
    return {
      key,
      kind: setting.kind,
      wanted: value,
      effective: this.#effective[key],
      unit: setting.unit,
      ...bounds,
      ...values,
      default: this.#layers.defaultOf(key),
      applies: setting.applies,
      source,
      summary: setting.summary,
    };
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
