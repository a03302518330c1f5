import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openForWriting } from '../../../main/history/store/database.ts';
import { pruneRuns } from '../../../main/history/store/prune-runs.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import { ended, launched, RUN, temporaryDirectory } from '../../support/history-events.ts';
import { writeHistory } from '../../support/history-writing.ts';

const LATER = '01K00000000000000000000002';

/** A run whose agents have these names. */
function named(names: readonly string[], runId = RUN): RuntimeEvent[] {
  return launched(names.length, runId).map((event) =>
    event.type === 'agent.added' ? { ...event, name: names[event.agent]! } : event,
  );
}

test('agents of all runs are found by any part of their names, newest first, page by page', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write([...named(['lister-01', 'reader-01', 'lister-02']), ...named(['lister-01', 'writer-01'], LATER)]);
  const { findAgents } = history.calls;
  const first = findAgents('lister', { limit: 2 });
  expect(first.agents).toMatchObject([
    { runId: LATER, fleet: 'survey', agent: 0, name: 'lister-01', state: 'queued' },
    { runId: RUN, agent: 2, name: 'lister-02' },
  ]);
  expect(findAgents('lister', { limit: 2, after: first.next }).agents).toMatchObject([{ runId: RUN, agent: 0 }]);
  expect(findAgents('ster-0').agents).toHaveLength(3);
  expect(findAgents('LISTER 02').agents).toMatchObject([{ name: 'lister-02' }]);
  expect(findAgents('lister', { runId: LATER }).agents).toHaveLength(1);
  const ofRun = findAgents('-0', { runId: RUN, limit: 2 });
  expect(ofRun.agents.map(({ agent }) => agent)).toEqual([0, 1]);
  expect(findAgents('-0', { runId: RUN, after: ofRun.next }).agents.map(({ agent }) => agent)).toEqual([2]);
  expect(findAgents('lister', { runId: RUN }).agents.map(({ agent }) => agent)).toEqual([0, 2]);
  expect(findAgents('lister', { runId: 'unknown' })).toEqual({ agents: [] });
  expect(findAgents('nobody')).toEqual({ agents: [] });
});

test('one or two letters find too, alone and beside longer pieces; case and accents do not count', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write(named(['Prüfer Ä', 'reader 9', 'reader 10']));
  const names = (text: string): string[] => history.calls.findAgents(text).agents.map(({ name }) => name);
  expect(names('9')).toEqual(['reader 9']);
  expect(names('er 1')).toEqual(['reader 10']);
  expect(names('reader 9')).toEqual(['reader 9']);
  expect(names('prufer a')).toEqual(['Prüfer Ä']);
  expect(names('PRÜF')).toEqual(['Prüfer Ä']);
  expect(names(' ')).toEqual([]);
});

test('no text that a person can type is a query that fails', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write(named(['say "hi" AND go', 'reader*']));
  const count = (text: string): number => history.calls.findAgents(text).agents.length;
  expect(count('"hi"')).toBe(1);
  expect(count('reader*')).toBe(1);
  for (const text of ['"""', 'NEAR(', 'name:x', 'a\0b', '((', '\ud800abc', '%', '_']) expect(count(text)).toBe(0);
});

test('a page looks at a bounded number of names and says where to go on', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write(named(['odd', ...Array.from({ length: 6_000 }, (_, agent) => `reader-${agent}`)]));
  const first = history.calls.findAgents('od');
  expect(first.agents).toEqual([]);
  expect(history.calls.findAgents('od', { after: first.next }).agents).toMatchObject([{ name: 'odd' }]);
});

test('a name is found as it is now, and not when its run was pruned', () => {
  using directory = temporaryDirectory();
  {
    using history = writeHistory(directory.path);
    history.write([...named(['early']), ...named(['late'])]);
    expect(history.calls.findAgents('early').agents).toEqual([]);
    expect(history.calls.findAgents('late').agents).toHaveLength(1);
    history.write(ended(1));
  }
  pruneRuns(directory.path, Infinity);
  const connection = openForWriting(directory.path);
  expect(connection.prepare(`SELECT rowid FROM agent_names WHERE agent_names MATCH '"late"'`).all()).toEqual([]);
  connection.close();
});

test('agents that an older program recorded are found', () => {
  using directory = temporaryDirectory();
  copyFileSync(
    join(import.meta.dirname, '../../fixtures/history/schema-1.sqlite'),
    join(directory.path, 'history.sqlite'),
  );
  using history = writeHistory(directory.path);
  const { name } = history.calls.sessionPage({ runId: RUN }).items[0]!;
  expect(history.calls.findAgents(name).agents[0]).toMatchObject({ runId: RUN, name });
});
