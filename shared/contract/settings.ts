import { z } from 'zod';
import { APPLIES, MAX_VALUE_CHARS, SETTING_KINDS, SETTING_SOURCES, UNITS } from '../settings/define-setting.ts';
import { command, defineDomain, query } from './define.ts';

const value = z.union([z.number(), z.boolean(), z.string().max(MAX_VALUE_CHARS)]);
const key = z.string().min(1).max(100);
/** Who asked, as the audit shows it: `cli`, `screen`. */
const by = z.string().min(1).max(100);

const settingState = z.object({
  key: z.string(),
  kind: z.enum(SETTING_KINDS),
  wanted: value,
  /** What acts now; differs from `wanted` while a change is on its way, or until a restart where the setting says so. */
  effective: value,
  unit: z.enum(UNITS),
  min: z.number().optional(),
  max: z.number().optional(),
  values: z.array(z.string()).optional(),
  maxNames: z.number().optional(),
  default: value,
  applies: z.enum(APPLIES),
  /** While a change is on its way: how many of the instances it reaches one after the other still work by `effective`. */
  draining: z.object({ left: z.number().int().min(1), total: z.number().int().min(1) }).optional(),
  source: z.enum(SETTING_SOURCES),
  summary: z.string(),
});

const settingChange = z.object({
  /** Counts changes; a run records the version it started with. */
  version: z.number().int().min(1),
  key: z.string(),
  from: value,
  to: value,
  by: z.string(),
  atMs: z.number(),
  /** The version this change takes back. */
  undoes: z.number().int().min(1).optional(),
  /** The first version of those that were changed together, where there were several. */
  group: z.number().int().min(1).optional(),
});

const settingPreset = z.object({
  name: z.string(),
  summary: z.string(),
  /** Saved here by somebody, and not built in. */
  isOwn: z.boolean(),
  /** What it would change, and nothing else. */
  changes: z.array(z.object({ key: z.string(), from: value, to: value })),
});

/** A setting as it stands. */
export type SettingState = z.infer<typeof settingState>;
/** One entry of the audit trail. */
export type SettingChange = z.infer<typeof settingChange>;
/** Limits under one name, to be taken over together. */
export type SettingPreset = z.infer<typeof settingPreset>;

const name = z.string().min(1).max(40);
const applied = z.object({
  changes: z.array(settingChange),
  settings: z.array(settingState),
  /** The variables or options that will hide a part of it at the next start. */
  hiddenBy: z.array(z.string()),
});

const refusals = ['SETTING_UNKNOWN', 'SETTING_INVALID', 'DATA_DIR_READ_ONLY', 'DISK_FULL'] as const;

/** The limits of the program. */
export const settings = defineDomain('settings', {
  list: query({
    input: z.strictObject({}),
    output: z.object({
      version: z.number().int().min(0),
      settings: z.array(settingState),
      /** Why the newest edit of the settings file was not taken over. */
      fileProblem: z.string().optional(),
    }),
    deadlineMs: 2_000,
  }),
  get: query({ input: z.strictObject({ key }), output: settingState, errors: ['SETTING_UNKNOWN'], deadlineMs: 2_000 }),
  /** Several settings at once, all or none; `null` puts one back to its default. */
  set: command({
    input: z.strictObject({ values: z.record(key, value.nullable()), by }),
    output: applied,
    errors: refusals,
    deadlineMs: 30_000,
  }),
  /** Newest first. */
  history: query({
    input: z.strictObject({ limit: z.number().int().min(1).max(1_000) }),
    output: z.object({ changes: z.array(settingChange) }),
    errors: ['SETTING_INVALID'],
    deadlineMs: 5_000,
  }),
  /** Takes back the newest change that has not been taken back, or the one with this version. */
  undo: command({
    input: z.strictObject({ by, version: z.number().int().min(1).optional() }),
    output: applied,
    errors: refusals,
    deadlineMs: 30_000,
  }),
  presets: query({
    input: z.strictObject({}),
    output: z.object({ presets: z.array(settingPreset) }),
    errors: ['SETTING_INVALID', 'DATA_DIR_READ_ONLY'],
    deadlineMs: 5_000,
  }),
  applyPreset: command({ input: z.strictObject({ name, by }), output: applied, errors: refusals, deadlineMs: 30_000 }),
  savePreset: command({
    input: z.strictObject({ name }),
    output: z.object({}),
    errors: ['SETTING_INVALID', 'DATA_DIR_READ_ONLY', 'DISK_FULL'],
    deadlineMs: 5_000,
  }),
  removePreset: command({
    input: z.strictObject({ name }),
    output: z.object({}),
    errors: ['SETTING_INVALID', 'DATA_DIR_READ_ONLY', 'DISK_FULL'],
    deadlineMs: 5_000,
  }),
});
