import type { SettingChange, SettingPreset, SettingState } from '../../shared/contract/settings.ts';
import type { SettingValue } from '../../shared/settings/define-setting.ts';
import type { SettingKey, SettingsValues } from '../../shared/settings/settings.ts';

/** Applies new values to what they limit; a rejection takes the whole change back, here and everywhere else. */
export type ApplyListener = (values: SettingsValues, changed: readonly SettingKey[]) => Promise<void> | void;

/** Values by key, typed or as text; `null` puts a setting back to its default, or to what the environment says. */
export type SettingValues = Readonly<Record<string, SettingValue | null>>;

/** How far a setting has reached what it limits, for those that do not act at once. */
export interface Rollout {
  /** What acts until the change has reached everything. */
  readonly effective: SettingValue;
  /** Instances (worker threads, pools of connections) that still work by the old value. */
  readonly left: number;
  readonly total: number;
}

/** Answers how far a setting has got; `undefined` when everything works by the wanted value. */
export type ReadRollout = (key: SettingKey) => Rollout | undefined;

/** The answer to a change. */
export interface AppliedChanges {
  /** Empty when everything was wanted already, from the file or stronger. */
  readonly changes: SettingChange[];
  /** The settings that were asked for, as they stand now. */
  readonly settings: SettingState[];
  /** Names the stronger layers that will hide a part of it at the next start. */
  readonly hiddenBy: string[];
}

/** The live settings of one data directory. */
export interface Settings {
  /** Counts the changes ever made; a run records it. */
  readonly version: number;
  /** Why the newest edit of the settings file was not taken over; `undefined` when the file is right. */
  readonly fileProblem: string | undefined;
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
  set(values: SettingValues, by: string): Promise<AppliedChanges>;
  /**
   * Takes back one change, with all that was changed together with it: the newest that has not been taken back, or the one
   * with this version.
   *
   * @throws {AppError} SETTING_INVALID when there is none, and what `set` throws.
   */
  undo(by: string, version?: number): Promise<AppliedChanges>;
  /** Newest first. */
  history(limit: number): readonly SettingChange[];
  /** The built-in presets and those that were saved here, each with what it would set. */
  presets(): Promise<readonly SettingPreset[]>;
  /** Takes over a preset as one change. @throws {AppError} SETTING_INVALID when there is none of this name, and what `set` throws. */
  applyPreset(name: string, by: string): Promise<AppliedChanges>;
  /** Keeps what the settings file says under a name. @throws {AppError} SETTING_INVALID, DATA_DIR_READ_ONLY, DISK_FULL */
  savePreset(name: string): Promise<void>;
  /** @throws {AppError} SETTING_INVALID when nobody saved one of this name. */
  removePreset(name: string): Promise<void>;
  /** Takes over edits of the settings file as they happen, each as one change by `file`, until it is disposed of. */
  watchFile(onProblem: (problem: string | undefined) => void): Disposable;
  /** Calls `listener` with each change that has been applied and written. */
  onRecorded(listener: (change: SettingChange) => void): Disposable;
  /** Called with every change before it is kept, one at a time; those that apply at a restart do not arrive. */
  onChange(listener: ApplyListener): Disposable;
  /** Asks `read` how far changes have got whenever somebody looks, until the result is disposed of. */
  showRollout(read: ReadRollout): Disposable;
}
