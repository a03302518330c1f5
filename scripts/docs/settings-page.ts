import type { MachineFacts, Setting } from '../../shared/settings/define-setting.ts';
import { environmentNameOf, SETTING_KEYS, settingOf } from '../../shared/settings/settings.ts';
import type { Page } from './page.ts';

const INTRO = `# Settings

Every tunable limit of the program. Layers, the weakest first: default, \`settings.json\` in the data directory, environment,
command line, a change to the running instance. \`flotilla settings list\` shows each value and where it came from.
\`applies\`: *live* at once; *rolling* by replacing instances one after the other, with nothing in flight lost; *restart* at the
next start. A value outside its bounds is refused, never clamped. Made from \`shared/settings\`.

A fleet file has limits of its own; these bound all fleets together.
`;

/** A machine to show defaults for that depend on it. */
const MACHINE: MachineFacts = { cores: 8, memoryBytes: 16 * 2 ** 30 };

/** \`docs/settings.md\`. */
export function createSettingsPage(): Page {
  const groups = Map.groupBy(SETTING_KEYS, (key) => key.slice(0, key.indexOf('.')));
  const sections = [...groups].map(([group, keys]) => {
    const rows = keys.map((key) => {
      const setting = settingOf(key);
      return `| \`${key}\` | ${setting.summary} | ${toDefault(setting)} | ${toBounds(setting)} | ${setting.applies} | \`${environmentNameOf(key)}\` |`;
    });
    return `\n## ${group}\n\n| key | meaning | default | bounds | applies | environment |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return { path: 'docs/settings.md', text: `${INTRO}${sections.join('')}` };
}

function toDefault(setting: Setting): string {
  if (typeof setting.default !== 'function') return toAmount(setting, setting.default);
  return `${toAmount(setting, setting.default(MACHINE))} on a machine with ${MACHINE.cores} cores and 16 GiB`;
}

function toBounds(setting: Setting): string {
  if (setting.kind === 'boolean') return 'on, off';
  if (setting.kind === 'choice') return setting.values.join(', ');
  if (setting.kind === 'names') return `up to ${setting.maxNames} names`;
  return `${toAmount(setting, setting.min)} to ${toAmount(setting, setting.max)}`;
}

const BYTE_UNITS = [
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
] as const;

function toAmount({ unit }: Setting, value: number | boolean | string): string {
  if (typeof value !== 'number') return typeof value === 'boolean' ? (value ? 'on' : 'off') : value || 'none';
  if (unit === 'ms') return `${value.toLocaleString('en-US')} ms`;
  if (unit !== 'bytes') return value.toLocaleString('en-US');
  const [size, name] = BYTE_UNITS.find(([size]) => value >= size && value % size === 0) ?? [1, 'bytes'];
  return `${value / size} ${name}`;
}
