import { expect, test } from 'vitest';
import { findRunOfPath, toAgentActions } from '../../../../renderer/app/palette/agent-actions-model.ts';
import { toPaletteGroups } from '../../../../renderer/app/palette/palette-model.ts';
import { pathTo } from '../../../../renderer/app/path-to.ts';
import type { FoundAgent } from '../../../../shared/contract/history.ts';

const RUN = '01K00000000000000000000001';
const OTHER = '01K00000000000000000000002';
const agent = (runId: string, name: string): FoundAgent => ({
  runId,
  fleet: 'survey',
  agent: 4,
  name,
  state: 'done',
  changedAtMs: 0,
});

test('agents of the run that is shown stand first, and once', () => {
  const opened: FoundAgent[] = [];
  const here = agent(RUN, 'lister-04');
  const found = { ofRun: [here], ofAll: [agent(OTHER, 'lister-04'), here] };
  const actions = toAgentActions('lister-04', found, (one) => opened.push(one));
  expect(
    toPaletteGroups(actions, 'lister-04').map(({ group, actions: of }) => [group, of.map(({ hint }) => hint)]),
  ).toEqual([
    ['Agents of this run', ['done']],
    ['Agents', ['done · survey']],
  ]);
  actions[1]?.run();
  expect(opened).toEqual([agent(OTHER, 'lister-04')]);
});

test('what the host found is offered though its letters are others: accents do not count', () => {
  const actions = toAgentActions('prufer 4', { ofRun: [], ofAll: [agent(RUN, 'Prüfer-4')] }, () => undefined);
  expect(toPaletteGroups(actions, 'prufer 4').flatMap(({ actions: of }) => of.map(({ title }) => title))).toEqual([
    'Open agent Prüfer-4',
  ]);
});

test('the run that is shown is that of the address, its agent open or not', () => {
  expect(findRunOfPath(pathTo.run(RUN))).toBe(RUN);
  expect(findRunOfPath(pathTo.agent(RUN, 3))).toBe(RUN);
  expect([pathTo.runs, pathTo.search('runs'), pathTo.settings].map(findRunOfPath)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
