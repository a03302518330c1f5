import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import { findNearestWord } from '../../shared/errors/nearest-word.ts';
import type { MachineFacts, SettingValue } from '../../shared/settings/define-setting.ts';
import { BUILT_IN_PRESETS } from '../../shared/settings/presets.ts';
import { isSettingKey, SETTING_KEYS, type SettingKey } from '../../shared/settings/settings.ts';
import { replaceFile } from '../files/replace-file.ts';
import { toStorageError } from '../files/storage-error.ts';

/** Presets somebody may save. */
const MAX_PRESETS = 100;
const MAX_NAME_CHARS = 40;

const kept = z.record(z.string(), z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])));
type Kept = Map<string, Readonly<Record<string, SettingValue>>>;

/** Limits under one name. */
interface Preset {
  readonly name: string;
  readonly summary: string;
  readonly isOwn: boolean;
  /** What it sets; `undefined` puts a setting back to its default. */
  readonly values: ReadonlyMap<SettingKey, SettingValue | undefined>;
}

/**
 * The presets of a data directory: the built-in ones, and those saved in `settings-presets.json`. A built-in one sets what it
 * names; one that was saved puts the whole settings file back as it was then.
 */
export class PresetShelf {
  readonly #path: string;
  readonly #machine: MachineFacts;

  constructor(dataDir: string, machine: MachineFacts) {
    this.#path = join(dataDir, 'settings-presets.json');
    this.#machine = machine;
  }

  /** The built-in ones first. @throws {AppError} SETTING_INVALID when the file of the saved ones cannot be read. */
  async list(): Promise<readonly Preset[]> {
    const builtIn = BUILT_IN_PRESETS.map(({ name, summary, values }) => ({
      name,
      summary,
      isOwn: false,
      values: new Map(Object.entries(values(this.#machine)) as [SettingKey, SettingValue][]),
    }));
    return [...builtIn, ...[...(await this.#read())].map(([name, values]) => toOwnPreset(name, values))];
  }

  /** @throws {AppError} SETTING_INVALID naming the nearest preset when there is none of this name. */
  async find(name: string): Promise<Preset> {
    const all = await this.list();
    const found = all.find((each) => each.name === name);
    if (found) return found;
    const names = all.map((each) => each.name);
    const nearest = findNearestWord(name, names);
    const hint = nearest === undefined ? `there are ${names.join(', ')}.` : `did you mean "${nearest}"?`;
    throw new AppError('SETTING_INVALID', `There is no preset "${name.slice(0, MAX_NAME_CHARS)}"; ${hint}`);
  }

  /** Keeps `values` as a preset, in place of a saved one of that name. @throws {AppError} SETTING_INVALID, and what writing throws. */
  async save(name: string, values: ReadonlyMap<SettingKey, SettingValue>): Promise<void> {
    if (name.trim() !== name || name === '' || name.length > MAX_NAME_CHARS)
      throw new AppError(
        'SETTING_INVALID',
        `A preset's name has 1 to ${MAX_NAME_CHARS} characters and no space around.`,
      );
    if (BUILT_IN_PRESETS.some((each) => each.name === name))
      throw new AppError('SETTING_INVALID', `"${name}" is a built-in preset; choose another name.`);
    const own = await this.#read();
    own.set(name, Object.fromEntries(values));
    if (own.size > MAX_PRESETS)
      throw new AppError('SETTING_INVALID', `There are ${MAX_PRESETS} presets already; remove one first.`);
    await this.#write(own);
  }

  /** @throws {AppError} SETTING_INVALID when nobody saved one of this name, and what writing throws. */
  async remove(name: string): Promise<void> {
    const own = await this.#read();
    if (!own.delete(name))
      throw new AppError('SETTING_INVALID', `Nobody saved a preset "${name}"; built-in ones cannot be removed.`);
    await this.#write(own);
  }

  async #read(): Promise<Kept> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
      throw toStorageError(error, this.#path);
    });
    try {
      return new Map(Object.entries(kept.parse(JSON.parse(text))));
    } catch {
      throw new AppError('SETTING_INVALID', `${this.#path} does not hold presets; correct it or delete it.`);
    }
  }

  async #write(own: Kept): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(own), undefined, 2)}\n`);
  }
}

/** A setting that is no more is left out of a preset; a value that is out of bounds by now refuses it when it is taken. */
function toOwnPreset(name: string, saved: Readonly<Record<string, SettingValue>>): Preset {
  const values = new Map<SettingKey, SettingValue | undefined>(SETTING_KEYS.map((key) => [key, undefined]));
  for (const [key, value] of Object.entries(saved)) if (isSettingKey(key)) values.set(key, value);
  return { name, summary: 'Saved here.', isOwn: true, values };
}
