import type { MachineFacts, SettingSource, SettingValue } from '../../shared/settings/define-setting.ts';
import { parseSettingKey, parseSettingValue } from '../../shared/settings/setting-value.ts';
import {
  defaultOf,
  environmentNameOf,
  SETTING_KEYS,
  type SettingKey,
  type SettingsValues,
} from '../../shared/settings/settings.ts';
import { readSettingsEnvironment } from './settings-environment.ts';

type Layer = ReadonlyMap<SettingKey, SettingValue>;

/** What the layers are made of; the file's layer is changed by whoever changes settings. */
export interface LayerSources {
  readonly file: Map<SettingKey, SettingValue>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--setting` values by key, as text. */
  readonly commandLine: Readonly<Record<string, string>>;
  readonly machine: MachineFacts;
}

/** Where each value comes from: default < file < environment < command line < a change to this running instance. */
export class SettingLayers {
  readonly #file: Map<SettingKey, SettingValue>;
  readonly #environment: Layer;
  readonly #commandLine: Layer;
  /** Changes made to this running instance that a stronger layer than the file would hide. */
  readonly #screen = new Map<SettingKey, SettingValue>();
  readonly #machine: MachineFacts;

  /** @throws {AppError} SETTING_UNKNOWN or SETTING_INVALID, naming the layer. */
  constructor(sources: LayerSources) {
    this.#file = sources.file;
    this.#environment = readSettingsEnvironment(sources.environment);
    this.#commandLine = parseCommandLine(sources.commandLine);
    this.#machine = sources.machine;
  }

  /** What the file is to hold. */
  get file(): Layer {
    return this.#file;
  }

  wanted(): SettingsValues {
    return Object.fromEntries(SETTING_KEYS.map((key) => [key, this.resolve(key).value])) as unknown as SettingsValues;
  }

  resolve(key: SettingKey): { readonly value: SettingValue; readonly source: SettingSource } {
    const strongestFirst = [
      [this.#screen, 'screen'],
      [this.#commandLine, 'command line'],
      [this.#environment, 'environment'],
      [this.#file, 'file'],
    ] as const;
    for (const [layer, source] of strongestFirst) {
      const value = layer.get(key);
      if (value !== undefined) return { value, source };
    }
    return { value: this.defaultOf(key), source: 'default' };
  }

  defaultOf(key: SettingKey): SettingValue {
    return defaultOf(key, this.#machine);
  }

  /** What hides the file's value of `key`, as its author wrote it; `undefined` when nothing does. */
  strongerThanFile(key: SettingKey): string | undefined {
    if (this.#commandLine.has(key)) return `--setting ${key}`;
    return this.#environment.has(key) ? environmentNameOf(key) : undefined;
  }

  /**
   * Puts values into the file's layer (`undefined` takes one out), and over whatever would hide them. Returns the way back.
   */
  put(values: ReadonlyMap<SettingKey, SettingValue | undefined>): () => void {
    const restore = this.#remember();
    for (const [key, value] of values) {
      if (value === undefined) this.#file.delete(key);
      else this.#file.set(key, value);
      if (value !== undefined && this.strongerThanFile(key) !== undefined) this.#screen.set(key, value);
      else this.#screen.delete(key);
    }
    return restore;
  }

  /** Takes over a file that was edited by hand; what is stronger goes on hiding it. Returns the way back. */
  replaceFile(values: Layer): () => void {
    const restore = this.#remember();
    replace(this.#file, values);
    return restore;
  }

  #remember(): () => void {
    const before = { file: new Map(this.#file), screen: new Map(this.#screen) };
    return () => {
      replace(this.#file, before.file);
      replace(this.#screen, before.screen);
    };
  }
}

function replace<K, V>(map: Map<K, V>, by: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}

function parseCommandLine(given: Readonly<Record<string, string>>): Layer {
  const layer = new Map<SettingKey, SettingValue>();
  for (const [text, value] of Object.entries(given)) {
    const key = parseSettingKey(text, ' (--setting)');
    layer.set(key, parseSettingValue(key, value, ' (--setting)'));
  }
  return layer;
}
