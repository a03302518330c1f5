import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import type { SettingChange, SettingPreset, SettingState } from '../../shared/contract/settings.ts';
import type { SettingValue } from '../../shared/settings/define-setting.ts';
import { checkSettings } from '../../shared/settings/setting-rules.ts';
import { parseSettingKey, parseSettingValue } from '../../shared/settings/setting-value.ts';
import { SETTING_KEYS, type SettingKey, settingOf, type SettingsValues } from '../../shared/settings/settings.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { PresetShelf } from './preset-shelf.ts';
import type { SettingLayers } from './setting-layers.ts';
import type { AppliedChanges, ApplyListener, ReadRollout, Settings, SettingValues } from './settings.ts';
import type { SettingsAudit } from './settings-audit.ts';
import type { SettingsFile } from './settings-file.ts';

/** What live settings are made of. */
interface LiveParts {
  readonly clock: Clock;
  readonly layers: SettingLayers;
  readonly audit: SettingsAudit;
  readonly file: SettingsFile;
  readonly presets: PresetShelf;
}

/** A change on its way in: who asks, and what the file is to hold in the end. */
interface Request {
  readonly by: string;
  /** Puts the change into the layers and answers the way back. */
  readonly put: () => () => void;
  /** Versions that it takes back, by key. */
  readonly undoes?: ReadonlyMap<SettingKey, number>;
  /** The file says it already, since that is where it comes from. */
  readonly isFromFile?: boolean;
}

/** Settings that are validated, applied, written and audited as one, one change after the other. */
export class LiveSettings implements Settings {
  readonly #parts: LiveParts;
  readonly #listeners = new Set<ApplyListener>();
  readonly #recorded = new Set<(change: SettingChange) => void>();
  readonly #rollouts = new Set<ReadRollout>();
  #effective: SettingsValues;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws {AppError} SETTING_INVALID when the layers contradict each other. */
  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#effective = parts.layers.wanted();
    checkSettings(this.#effective);
  }

  get version(): number {
    return this.#parts.audit.version;
  }

  get fileProblem(): string | undefined {
    return this.#parts.file.problem;
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

  set(values: SettingValues, by: string): Promise<AppliedChanges> {
    return this.#serially(() => this.#put(parseValues(values), by));
  }

  undo(by: string, version?: number): Promise<AppliedChanges> {
    return this.#serially(async () => {
      const undone = this.#parts.audit.findUndoable(version);
      if (undone.length === 0) throw nothingToUndo(version);
      const changed = undone.map((each) => ({ ...each, key: parseSettingKey(each.change.key) }));
      const undoes = new Map(changed.map(({ key, change }) => [key, change.version]));
      return await this.#put(new Map(changed.map(({ key, fileValueBefore }) => [key, fileValueBefore])), by, undoes);
    });
  }

  history(limit: number): readonly SettingChange[] {
    return this.#parts.audit.newest(limit);
  }

  async presets(): Promise<readonly SettingPreset[]> {
    const presets = await this.#parts.presets.list();
    return presets.map(({ name, summary, isOwn, values }) => ({
      name,
      summary,
      isOwn,
      changes: this.#foresee(values),
    }));
  }

  applyPreset(name: string, by: string): Promise<AppliedChanges> {
    return this.#serially(async () => {
      const { values } = await this.#parts.presets.find(name);
      const wanted = this.#parts.layers.wanted();
      // What is so already stays where it comes from. Bounds may have changed since it was saved.
      const named = [...values].filter(([key, value]) => value !== wanted[key]);
      return await this.#put(parseValues(Object.fromEntries(named.map(([key, value]) => [key, value ?? null]))), by);
    });
  }

  savePreset(name: string): Promise<void> {
    return this.#serially(() => this.#parts.presets.save(name, this.#parts.layers.file));
  }

  removePreset(name: string): Promise<void> {
    return this.#serially(() => this.#parts.presets.remove(name));
  }

  watchFile(onProblem: (problem: string | undefined) => void): Disposable {
    return this.#parts.file.watch(() => {
      const takeIn = async (): Promise<void> => {
        const before = this.fileProblem;
        await this.#takeInEdit().catch((error: unknown) => {
          if (!isAppError(error)) throw error;
        });
        if (this.fileProblem !== before) onProblem(this.fileProblem);
      };
      void this.#serially(takeIn).catch(() => undefined);
    });
  }

  onChange(listener: ApplyListener): Disposable {
    return addTo(this.#listeners, listener);
  }

  onRecorded(listener: (change: SettingChange) => void): Disposable {
    return addTo(this.#recorded, listener);
  }

  showRollout(read: ReadRollout): Disposable {
    return addTo(this.#rollouts, read);
  }

  async #put(
    values: ReadonlyMap<SettingKey, SettingValue | undefined>,
    by: string,
    undoes?: ReadonlyMap<SettingKey, number>,
  ): Promise<AppliedChanges> {
    const { layers } = this.#parts;
    // An edit that was not seen yet would be lost under this change.
    await this.#takeInEdit();
    const hiddenBy = [...values.keys()].flatMap((key) => layers.strongerThanFile(key) ?? []);
    const changes = await this.#commit({ by, put: () => layers.put(values), undoes });
    return { changes, settings: [...values.keys()].map((key) => this.#state(key)), hiddenBy };
  }

  /** @throws {AppError} why the file cannot be taken over; it stays as it is then, and nothing has changed. */
  async #takeInEdit(): Promise<void> {
    const { file, layers } = this.#parts;
    const edit = await file.readEdit();
    if (!edit) return;
    try {
      const values = edit.parse();
      await this.#commit({ by: 'file', put: () => layers.replaceFile(values), isFromFile: true });
      edit.accept();
    } catch (error) {
      if (isAppError(error)) edit.refuse(error.message);
      throw error;
    }
  }

  async #commit(request: Request): Promise<SettingChange[]> {
    const { layers, file, audit, clock } = this.#parts;
    const before = { wanted: layers.wanted(), file: new Map(layers.file) };
    const restore = request.put();
    const wanted = layers.wanted();
    // A value that the file begins or ceases to hold is a change, though it is the default: an undo has to find it.
    const isHeldElse = (key: SettingKey): boolean =>
      !request.isFromFile && before.file.get(key) !== layers.file.get(key);
    const isChanged = (key: SettingKey): boolean => before.wanted[key] !== wanted[key] || isHeldElse(key);
    const keys = SETTING_KEYS.filter((key) => isChanged(key) || request.undoes?.has(key));
    if (keys.length === 0) return [];
    try {
      checkSettings(wanted);
      await this.#apply(wanted, keys);
    } catch (error) {
      restore();
      throw error;
    }
    try {
      if (!request.isFromFile) await file.write(layers.file);
      const recorded = await audit.append(
        keys.map((key) => ({
          change: {
            key,
            from: before.wanted[key],
            to: wanted[key],
            by: request.by,
            atMs: clock.nowMs(),
            ...(request.undoes?.has(key) ? { undoes: request.undoes.get(key) } : {}),
          },
          fileValueBefore: before.file.get(key),
        })),
      );
      for (const change of recorded) for (const listener of this.#recorded) listener(change);
      return recorded;
    } catch (error) {
      restore();
      if (!request.isFromFile) await file.write(before.file).catch(() => undefined);
      await this.#apply(before.wanted, keys);
      throw error;
    }
  }

  /** Applies to every listener or to none. */
  async #apply(wanted: SettingsValues, keys: readonly SettingKey[]): Promise<void> {
    const applied = keys.filter((key) => settingOf(key).applies !== 'restart' || this.#listeners.size === 0);
    if (applied.length === 0) return;
    const previous = this.#effective;
    const next = { ...previous, ...Object.fromEntries(applied.map((key) => [key, wanted[key]])) } as SettingsValues;
    const told: ApplyListener[] = [];
    try {
      for (const listener of this.#listeners) {
        told.push(listener);
        await listener(next, applied);
      }
      this.#effective = next;
    } catch (error) {
      // Each gets the old values again, also after one that cannot take even them.
      const takeBack = async (listener: ApplyListener): Promise<void> => listener(previous, applied);
      for (const listener of told.toReversed()) await takeBack(listener).catch(() => undefined);
      throw error;
    }
  }

  #foresee(values: ReadonlyMap<SettingKey, SettingValue | undefined>): SettingPreset['changes'] {
    const { layers } = this.#parts;
    const before = layers.wanted();
    const restore = layers.put(values);
    const after = layers.wanted();
    restore();
    return SETTING_KEYS.filter((key) => before[key] !== after[key]).map((key) => ({
      key,
      from: before[key],
      to: after[key],
    }));
  }

  #state(key: SettingKey): SettingState {
    const { layers } = this.#parts;
    const setting = settingOf(key);
    const { value, source } = layers.resolve(key);
    const bounds = 'min' in setting ? { min: setting.min, max: setting.max } : {};
    const values = setting.kind === 'choice' ? { values: [...setting.values] } : {};
    const names = setting.kind === 'names' ? { maxNames: setting.maxNames } : {};
    const rollout = [...this.#rollouts].map((read) => read(key)).find((each) => each !== undefined);
    return {
      key,
      kind: setting.kind,
      wanted: value,
      effective: rollout?.effective ?? this.#effective[key],
      unit: setting.unit,
      ...bounds,
      ...values,
      ...names,
      default: layers.defaultOf(key),
      applies: setting.applies,
      ...(rollout ? { draining: { left: rollout.left, total: rollout.total } } : {}),
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

function parseValues(values: SettingValues): Map<SettingKey, SettingValue | undefined> {
  return new Map(
    Object.entries(values).map(([text, value]) => {
      const key = parseSettingKey(text);
      return [key, value === null ? undefined : parseSettingValue(key, value)];
    }),
  );
}

function nothingToUndo(version: number | undefined): AppError {
  return new AppError(
    'SETTING_INVALID',
    version === undefined
      ? 'There is no change of a setting to take back.'
      : `Change ${version} cannot be taken back: it is none, takes back another, or has been taken back itself.`,
  );
}

function addTo<T>(set: Set<T>, item: T): Disposable {
  set.add(item);
  return { [Symbol.dispose]: () => void set.delete(item) };
}
