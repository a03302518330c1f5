import { expect, test } from 'vitest';
import { findPlace, nameOfPage } from '../../../../renderer/app/pages/find-place.ts';
import { PageShelf } from '../../../../renderer/app/pages/page-shelf.ts';
import { pathTo } from '../../../../renderer/app/path-to.ts';

test('each address that the window links to is that of a page, with its parts as they stand in it', () => {
  const run = '01M00000000000000000000000';
  expect(findPlace(pathTo.fleets)).toEqual({ page: 'fleets', parts: {} });
  expect(findPlace(pathTo.newFleet)).toEqual({ page: 'editor', parts: {} });
  expect(findPlace('/fleets/edit/%2Fhome%2Fa')).toEqual({ page: 'editor', parts: { path: '%2Fhome%2Fa' } });
  expect(findPlace(pathTo.fleetOfRun(run))).toEqual({ page: 'editor', parts: { run } });
  expect(findPlace(pathTo.runs)).toEqual({ page: 'runs', parts: {} });
  expect(findPlace(pathTo.run(run))).toEqual({ page: 'run', parts: { runId: run } });
  expect(findPlace(pathTo.agent(run, 3))).toEqual({ page: 'run', parts: { runId: run, agent: '3' } });
  expect(findPlace(pathTo.entry(run, 3, 'call-12'))).toEqual({
    page: 'run',
    parts: { runId: run, agent: '3', entry: 'call-12' },
  });
  expect(findPlace(pathTo.search(''))).toEqual({ page: 'search', parts: {} });
  expect(findPlace(pathTo.search('two words'))).toEqual({ page: 'search', parts: { text: 'two%20words' } });
  expect(findPlace(pathTo.settings)).toEqual({ page: 'settings', parts: {} });
  expect(findPlace('/settings/limits/')).toEqual({ page: 'settings', parts: { section: 'limits' } });
});

test.each([
  '',
  '/',
  '/fleet',
  '/fleets/edit',
  '/fleets/old',
  '/runs/1/agents',
  '/runs/1/agents/2/3/4',
  '/settings/a/b',
])('the address "%s" is that of no page', (address) => expect(findPlace(address)).toBeUndefined());

test('a run is one page with any of its agents open, and another run is another', () => {
  expect(nameOfPage(pathTo.agent('A', 3))).toBe(nameOfPage(pathTo.run('A')));
  expect(nameOfPage(pathTo.run('B'))).not.toBe(nameOfPage(pathTo.run('A')));
  expect(nameOfPage('/fleets/edit/a')).not.toBe(nameOfPage('/fleets/edit/b'));
  expect(nameOfPage(pathTo.search('a'))).toBe(nameOfPage(pathTo.search('b')));
});

test('a page is fetched once, also when it is asked for while it is on its way', async () => {
  let fetched = 0;
  const arriving = Promise.withResolvers<string>();
  const shelf = new PageShelf({
    runs: () => {
      fetched++;
      return arriving.promise;
    },
  });
  const first = shelf.load('runs');
  const second = shelf.load('runs');
  expect(shelf.find('runs')).toBeUndefined();
  arriving.resolve('page');
  expect(await Promise.all([first, second])).toEqual(['page', 'page']);
  expect(shelf.find('runs')).toBe('page');
  await shelf.load('runs');
  expect(fetched).toBe(1);
});

test('a page that did not come is fetched anew when it is wanted again; fetching ahead fails in silence', async () => {
  let fetched = 0;
  const shelf = new PageShelf({
    runs: async () => {
      if (++fetched < 3) throw new Error('not there');
      return 'page';
    },
  });
  await shelf.preload('runs');
  await expect(shelf.load('runs')).rejects.toThrow('not there');
  expect(await shelf.load('runs')).toBe('page');
  expect(fetched).toBe(3);
});
