import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Arrangement, SORT_KEYS } from '../../../../renderer/views/runs/agents/agent-order-keys.ts';
import { AgentsOrder } from '../../../../renderer/views/runs/agents/agents-order.ts';
import { AgentsStore, toNameGroup } from '../../../../renderer/views/runs/agents/agents-store.ts';
import { indexOfAgent, itemAt, moveCursor, toItems } from '../../../../renderer/views/runs/agents/items-model.ts';
import { AGENT_STATES } from '../../../../shared/model/states.ts';
import { agentNames, agentRows } from '../../../../shared/table/agent-tables.ts';
import { encodeTable } from '../../../../shared/table/encode-table.ts';

interface Row {
  readonly agent: number;
  readonly state: number;
  readonly turns: number;
  readonly costUsd: number;
  readonly detail: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

const BLANK: Row = { agent: 0, state: 0, turns: 0, costUsd: 0, detail: '', startedAtMs: 0, endedAtMs: 0 };
const PLAIN: Arrangement = { sort: 'agent', isDescending: false, text: '', states: [], groupBy: 'none' };
const COLLAPSED_NONE: ReadonlySet<string> = new Set();

function rowsOf(rows: readonly Row[]): Uint8Array {
  const zeros = rows.map(() => 0);
  return encodeTable(agentRows, rows.length, {
    agent: rows.map(({ agent }) => agent),
    state: rows.map(({ state }) => AGENT_STATES[state]!),
    sinceMs: zeros,
    startedAtMs: rows.map(({ startedAtMs }) => startedAtMs),
    endedAtMs: rows.map(({ endedAtMs }) => endedAtMs),
    untilMs: zeros,
    busyMs: zeros,
    turns: rows.map(({ turns }) => turns),
    toolCalls: rows.map(({ turns }) => turns % 3),
    toolCallsFailed: zeros,
    retries: zeros,
    inputTokens: rows.map(({ turns }) => turns * 10),
    outputTokens: zeros,
    costUsd: rows.map(({ costUsd }) => costUsd),
    wish: rows.map(() => 'none' as const),
    detail: rows.map(({ detail }) => detail),
  });
}

function namesOf(count: number): Uint8Array {
  const agents = Array.from({ length: count }, (_, agent) => agent);
  return encodeTable(agentNames, count, {
    agent: agents,
    kind: agents.map(() => 'model' as const),
    name: agents.map((agent) => `${agent % 2 === 0 ? 'shared' : 'runtime'}-${agent}`),
    model: agents.map(() => 'small'),
  });
}

function storeOf(rows: readonly Row[]): AgentsStore {
  const store = new AgentsStore();
  store.take(namesOf(Math.max(...rows.map(({ agent }) => agent)) + 1));
  store.take(rowsOf(rows));
  return store;
}

/** What a person would do with the rows on paper; knows nothing of how the store keeps them. */
function naiveOrder(rows: readonly Row[], wish: Arrangement, nowMs: number): number[] {
  const nameOf = ({ agent }: Row): string => `${agent % 2 === 0 ? 'shared' : 'runtime'}-${agent}`;
  const keyOf = (row: Row): number | string => {
    const { sort } = wish;
    if (sort === 'agent') return row.agent;
    if (sort === 'state') return row.state;
    if (sort === 'doing') return row.detail;
    if (sort === 'turns') return row.turns;
    if (sort === 'toolCalls') return row.turns % 3;
    if (sort === 'tokens') return row.turns * 10;
    if (sort === 'cost') return Number.isNaN(row.costUsd) ? -1 : row.costUsd;
    return row.startedAtMs === 0 ? 0 : (row.endedAtMs || nowMs) - row.startedAtMs;
  };
  const groupOf = (row: Row): number => {
    if (wish.groupBy === 'none') return 0;
    return wish.groupBy === 'state' ? row.state : row.agent % 2;
  };
  const wanted = rows.filter(
    (row) =>
      (wish.states.length === 0 || wish.states.includes(row.state)) &&
      (nameOf(row).includes(wish.text) || row.detail.includes(wish.text) || 'small'.includes(wish.text)),
  );
  const before = (a: Row, b: Row): boolean => {
    if (groupOf(a) !== groupOf(b)) return groupOf(a) < groupOf(b);
    const [one, other] = [keyOf(a), keyOf(b)];
    if (one !== other) return wish.isDescending ? one > other : one < other;
    return a.agent < b.agent;
  };
  return wanted.toSorted((a, b) => (before(a, b) ? -1 : 1)).map(({ agent }) => agent);
}

const COUNT = 12;
const anyRow: fc.Arbitrary<Row> = fc.record({
  agent: fc.nat(COUNT - 1),
  state: fc.nat(AGENT_STATES.length - 1),
  turns: fc.nat(4),
  costUsd: fc.constantFrom(0, 0.5, Number.NaN),
  detail: fc.constantFrom('', 'reads', 'rg queue'),
  startedAtMs: fc.constantFrom(0, 10, 20),
  endedAtMs: fc.constantFrom(0, 30),
});
const anyWish: fc.Arbitrary<Arrangement> = fc.record({
  sort: fc.constantFrom(...SORT_KEYS),
  isDescending: fc.boolean(),
  text: fc.constantFrom('', 'rg', 'shared'),
  states: fc.uniqueArray(fc.nat(AGENT_STATES.length - 1), { maxLength: 4 }),
  groupBy: fc.constantFrom('none', 'state', 'name'),
});

test('after any pieces the visible order is a naive sort of the newest rows', () => {
  const pieces = fc.array(fc.array(anyRow, { maxLength: 6 }), { maxLength: 8 });
  fc.assert(
    fc.property(pieces, fc.array(anyWish, { minLength: 1, maxLength: 3 }), (tables, wishes) => {
      const store = new AgentsStore();
      store.take(namesOf(COUNT));
      const order = new AgentsOrder(store);
      const newest = new Map<number, Row>();
      for (const [at, table] of tables.entries()) {
        const distinct = [...new Map(table.map((row) => [row.agent, row])).values()];
        store.take(rowsOf(distinct));
        for (const row of distinct) newest.set(row.agent, row);
        const wish = wishes[Math.floor(at / 3) % wishes.length]!;
        const nowMs = 40 + at;
        const naive = naiveOrder([...newest.values()], wish, nowMs);
        expect([...order.arrange(wish, nowMs)]).toEqual(naive);
      }
      const counts = AGENT_STATES.map((_, code) => [...newest.values()].filter(({ state }) => state === code).length);
      expect([...store.countByState]).toEqual(counts);
    }),
    { numRuns: 300 },
  );
});

test('many agents stand in the same order as few, by ranks', () => {
  const many = fc.array(anyRow, { minLength: 600, maxLength: 900 });
  fc.assert(
    fc.property(many, anyWish, (some, wish) => {
      const rows = some.map((row, agent) => ({ ...row, agent }));
      const order = new AgentsOrder(storeOf(rows));
      expect([...order.arrange(wish, 40)]).toEqual(naiveOrder(rows, wish, 40));
    }),
    { numRuns: 60 },
  );
});

test('agents are left when one was cut short, or failed before its model had answered', () => {
  const code = (state: (typeof AGENT_STATES)[number]): number => AGENT_STATES.indexOf(state);
  const done = { ...BLANK, agent: 0, state: code('done'), turns: 2 };
  const failed = { ...BLANK, agent: 1, state: code('failed') };
  expect(storeOf([done]).hasAgentLeft()).toBe(false);
  expect(storeOf([done, { ...failed, turns: 3 }]).hasAgentLeft()).toBe(false);
  expect(storeOf([done, failed]).hasAgentLeft()).toBe(true);
  expect(storeOf([done, { ...BLANK, agent: 1, state: code('stopped'), turns: 1 }]).hasAgentLeft()).toBe(true);
  expect(storeOf([done, { ...BLANK, agent: 1, state: code('queued') }]).hasAgentLeft()).toBe(true);
});

test('a cost that is not known stands below those that are', () => {
  const store = storeOf([
    { ...BLANK, agent: 0, costUsd: 0.5 },
    { ...BLANK, agent: 1, costUsd: Number.NaN },
    { ...BLANK, agent: 2, costUsd: 0 },
  ]);
  const order = new AgentsOrder(store).arrange({ ...PLAIN, sort: 'cost', isDescending: true }, 0);
  expect([...order]).toEqual([0, 2, 1]);
});

test('headings stand above their agents, and a collapsed one hides them', () => {
  const store = storeOf([0, 1, 2, 3].map((agent) => ({ ...BLANK, agent })));
  const rows = new AgentsOrder(store).arrange({ ...PLAIN, groupBy: 'name' }, 0);
  const open = toItems(store, rows, 'name', COLLAPSED_NONE);
  const words = Array.from({ length: open.count }, (_, index) => {
    const item = itemAt(open, index);
    return item?.kind === 'heading' ? item.section.title : item?.agent;
  });
  expect(words).toEqual(['shared', 0, 2, 'runtime', 1, 3]);
  const closed = toItems(store, rows, 'name', new Set(['shared']));
  expect(closed.count).toBe(4);
  expect(indexOfAgent(closed, 2)).toBe(-1);
  expect(indexOfAgent(closed, 3)).toBe(3);
  expect(itemAt(closed, 4)).toBeUndefined();
});

test('keys move the cursor and stop at both ends', () => {
  expect(moveCursor('ArrowDown', -1, 10, 4)).toBe(0);
  expect(moveCursor('ArrowUp', -1, 10, 4)).toBe(9);
  expect(moveCursor('ArrowUp', 0, 10, 4)).toBe(0);
  expect(moveCursor('PageDown', 7, 10, 4)).toBe(9);
  expect(moveCursor('End', 3, 10, 4)).toBe(9);
  expect(moveCursor('Home', 3, 10, 4)).toBe(0);
  expect(moveCursor('a', 3, 10, 4)).toBeUndefined();
  expect(moveCursor('ArrowDown', -1, 0, 4)).toBeUndefined();
});

test('a name group is the name without its number', () => {
  expect(toNameGroup('surveyor-017')).toBe('surveyor');
  expect(toNameGroup('reader')).toBe('reader');
  expect(toNameGroup('12')).toBe('12');
});
