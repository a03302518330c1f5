import { z } from 'zod';
import { APPLIES, SETTING_KINDS, SETTING_SOURCES, UNITS } from '../settings/define-setting.ts';
import { command, defineDomain, query } from './define.ts';

const value = z.union([z.number(), z.boolean(), z.string().max(200)]);
const key = z.string().min(1).max(100);
/** Who asked, as the audit shows it: `cli`, `screen`. */
const by = z.string().min(1).max(100);

const settingState = z.object({
  key: z.string(),
  kind: z.enum(SETTING_KINDS),
  wanted: value,
  /** What acts now; differs from `wanted` until a restart where the setting says so. */
  effective: value,
  unit: z.enum(UNITS),
  min: z.number().optional(),
  max: z.number().optional(),
  values: z.array(z.string()).optional(),
  default: value,
  applies: z.enum(APPLIES),
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
});

/** A setting as it stands. */
export type SettingState = z.infer<typeof settingState>;
/** One entry of the audit trail. */
export type SettingChange = z.infer<typeof settingChange>;

/** The variable or option that will hide the change at the next start. */
const hiddenBy = z.string().optional();

const refusals = ['SETTING_UNKNOWN', 'SETTING_INVALID', 'DATA_DIR_READ_ONLY', 'DISK_FULL'] as const;

/** The limits of the program. */
export const settings = defineDomain('settings', {
  list: query({
    input: z.strictObject({}),
    output: z.object({ version: z.number().int().min(0), settings: z.array(settingState) }),
    deadlineMs: 2_000,
  }),
  get: query({ input: z.strictObject({ key }), output: settingState, errors: ['SETTING_UNKNOWN'], deadlineMs: 2_000 }),
  set: command({
    input: z.strictObject({ key, value, by }),
    output: z.object({ change: settingChange.optional(), setting: settingState, hiddenBy }),
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
  /** Takes back the newest change that has not been taken back. */
  undo: command({
    input: z.strictObject({ by }),
    output: z.object({ change: settingChange, setting: settingState, hiddenBy }),
    errors: refusals,
    deadlineMs: 30_000,
  }),
});
