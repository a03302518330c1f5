import { expect, test } from 'vitest';
import { fromAddress } from '../../../../renderer/app/from-address.ts';
import { toLostWords, toRefusalWords, toWaitWords } from '../../../../renderer/app/frame/connection-model.ts';
import { countWaiting, toMemoryShare, toWaitingWords } from '../../../../renderer/app/frame/pulse-model.ts';
import { toPaletteGroups } from '../../../../renderer/app/palette/palette-model.ts';
import { pathTo } from '../../../../renderer/app/path-to.ts';
import { loadCachedTheme, toShownTheme } from '../../../../renderer/app/theme/theme.ts';
import type { Pulse } from '../../../../shared/contract/app.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Action } from '../../../../renderer/ui/actions/action.ts';

const GB = 2 ** 30;
const waiting = [
  { lane: 'io', waiting: 380, running: 256, max: 256 },
  { lane: 'provider:local', waiting: 32, running: 8, max: 16 },
];

test('what waits is said by lane, with why', () => {
  const pulse = { waiting } as unknown as Pulse;
  expect(countWaiting(pulse)).toBe(412);
  const [io, provider] = toWaitingWords(pulse);
  expect(io).toMatchObject({ what: 'tool calls and requests', why: 'all 256 places are in use' });
  expect(provider?.what).toBe('turns for the provider local');
  expect(provider?.why).toContain('8 of 16 places');
});

test('memory says its unit once where both have the same', () => {
  const memory = { machineBytes: 16 * GB, rssBytes: 2_040_109_466 } as Pulse['memory'];
  expect(toMemoryShare({ memory })).toBe('1.9 / 16 GB');
  expect(toMemoryShare({ memory: { ...memory, rssBytes: 300 * 2 ** 20 } })).toBe('300 MB / 16 GB');
});

test('the palette offers all by heading, then the best for what is typed, and nothing that has a key only', () => {
  const action = (id: string, title: string, more: Partial<Action> = {}): Action => ({
    id,
    title,
    group: 'Go to',
    run: () => undefined,
    ...more,
  });
  const actions = [
    action('a', 'Fleets'),
    action('b', 'Stop all runs', { group: 'All live runs' }),
    action('c', 'Runs'),
    action('d', 'Next row', { isKeyOnly: true }),
  ];
  expect(toPaletteGroups(actions, '').map(({ group }) => group)).toEqual(['Go to', 'All live runs']);
  expect(toPaletteGroups(actions, 'runs').flatMap(({ actions }) => actions.map(({ id }) => id))).toEqual(['c', 'b']);
  expect(toPaletteGroups(actions, 'next')).toEqual([]);
});

test('a system theme follows the system, a choice does not', () => {
  expect(toShownTheme('system', true)).toBe('light');
  expect(toShownTheme('system', false)).toBe('dark');
  expect(toShownTheme('dark', true)).toBe('dark');
});

test('a cached theme that cannot be read or is none counts as the system', () => {
  const refusing = {
    getItem: (): string => {
      throw new Error('no storage');
    },
  };
  expect(loadCachedTheme(refusing)).toBe('system');
  expect(loadCachedTheme({ getItem: () => 'purple' })).toBe('system');
  expect(loadCachedTheme({ getItem: () => 'light' })).toBe('light');
});

test('a lost connection says when it is tried again, a refused one what helps', () => {
  expect(toWaitWords(10_400, 8_000)).toBe('Next try in 3 s.');
  expect(toWaitWords(10_400, 10_500)).toBe('Trying now …');
  expect(toRefusalWords(new AppError('CONTRACT_VERSION', 'x')).way).toBe('reload');
  expect(toRefusalWords(new AppError('INSTANCE_UNREACHABLE', 'x')).text).toContain('flotilla serve');
});

test('a host that was ended says so, what became of its runs, and that a new start has a new address', () => {
  const two = { stoppedRuns: 2, isShowingOther: false };
  const { title, text } = toLostWords('14:06:15', two);
  expect(title).toBe('Flotilla was ended at 14:06:15; its 2 runs were stopped and can be resumed.');
  expect(text).toContain('open the new address');
  expect(toLostWords('1', { ...two, stoppedRuns: 1 }).title).toContain('its run was stopped');
  expect(toLostWords('1', { ...two, stoppedRuns: 0 }).title).toContain('nothing was running');
  expect(toLostWords('1', { stoppedRuns: 0, isShowingOther: true }).title).toContain('go on in another program');
  expect(toLostWords('14:06:15', undefined).title).toBe('Flotilla does not answer since 14:06:15.');
  expect(toRefusalWords(new AppError('INSTANCE_UNREACHABLE', 'x'), two).text).toContain('its 2 runs were stopped');
});

test('addresses carry any text and path', () => {
  expect(pathTo.search('')).toBe('/search');
  // As the router and then the route decode it.
  const read = (text: string): string => fromAddress(decodeURI(pathTo.search(text)).slice('/search/'.length));
  expect(['a/b c?', '50% of it', '%41', 'ä#'].map(read)).toEqual(['a/b c?', '50% of it', '%41', 'ä#']);
  expect(fromAddress('%E0%A4%A')).toBe('%E0%A4%A');
  expect(pathTo.fleet('/home/me/a b.yaml').split('/')).toHaveLength(4);
});
