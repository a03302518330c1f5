import { expect, test } from 'vitest';
import { findNamed, toEntryName } from '../../../../renderer/views/runs/agent/entry-name.ts';
import type { LogEntry } from '../../../../renderer/views/runs/agent/log-model.ts';
import { toPanelPx } from '../../../../renderer/views/runs/page/use-panel-width.ts';

const cut = (text: string) => ({ text, chars: text.length });
const turn = (attempt: number, atMs: number) =>
  ({
    kind: 'turn',
    key: `turn:2.${attempt}@${atMs}`,
    atMs,
    turn: 2,
    attempt,
    state: 'done',
    provider: 'p',
    model: 'm',
    text: cut('a'),
    toolCalls: 0,
  }) as const;
const call = (number: number) =>
  ({
    kind: 'toolCall',
    key: `call:${number}`,
    atMs: 30 + number,
    turn: 2,
    call: number,
    tool: 'read_file',
    state: 'done',
    arguments: cut('{}'),
  }) as const;
const answer = (atMs: number) => ({ kind: 'answer', key: `answer@${atMs}`, atMs, text: cut('done') }) as const;

const LOG: readonly LogEntry[] = [
  { kind: 'prompt', key: 'prompt', atMs: 1, system: cut(''), prompt: cut('do') },
  turn(1, 10),
  turn(2, 20),
  call(1),
  call(12),
  answer(50),
  { kind: 'state', key: 'state:interrupted@55', atMs: 55, state: 'interrupted' },
  answer(60),
];

test('each find has a name that leads to the entry it stands in, of several attempts at a turn to its own', () => {
  const placeOf = (hit: Parameters<typeof toEntryName>[0]): number => findNamed(LOG, toEntryName(hit));
  expect(placeOf({ what: 'prompt', atMs: 1 })).toBe(0);
  expect(placeOf({ what: 'turn', turn: 2, atMs: 10 })).toBe(1);
  expect(placeOf({ what: 'turn', turn: 2, atMs: 20 })).toBe(2);
  expect(placeOf({ what: 'toolCall', turn: 2, call: 12, atMs: 42 })).toBe(4);
  // Only the last answer of an agent that ended twice is kept as a text.
  expect(placeOf({ what: 'answer', atMs: 60 })).toBe(7);
});

test('a name of no entry, also one typed by hand, has no place', () => {
  for (const name of ['call-2', 'turn-2', 'notice@5', '', 'constructor']) expect(findNamed(LOG, name)).toBe(-1);
});

test('an open agent has a share of the window, and never so little or so much that one side cannot be read', () => {
  expect([1024, 1280, 1920, 3840].map(toPanelPx)).toEqual([380, 435, 653, 680]);
});
