import { expect, test } from 'vitest';
import type { Host } from '../../../main/instance/host.ts';
import { type Backing, openBacking } from '../../../main/instance/backing.ts';
import { createMemoryTransports } from '../../../main/rpc/memory-transport.ts';
import { createContractClient } from '../../../shared/contract/client.ts';
import { contract } from '../../../shared/contract/contract.ts';
import { createInstanceFolder } from '../../support/instance/test-instance.ts';

function open(dataDir: string, kind: Host['kind']): Promise<Backing> {
  return openBacking({
    dataDir,
    environment: {},
    version: 'test',
    host: { kind, show: async () => ({ shown: false }) },
  });
}

/** A page's own connection to what stands behind it. */
async function connectPage(backing: Backing) {
  const { client, server } = createMemoryTransports();
  backing.connect(server);
  let id = 0;
  return await createContractClient(contract, client, { client: 'page', newRequestId: () => `request-${id++}` });
}

test('the first is the owner, the second shows it, and takes over when it ends', async () => {
  await using folder = await createInstanceFolder();
  const owner = await open(folder.dataDir, 'serve');
  const other = await open(folder.dataDir, 'desktop');
  expect([owner.isOwner, other.isOwner]).toEqual([true, false]);
  await using page = await connectPage(other);
  expect((await page.calls.app.about({})).host).toBe('serve');

  await owner[Symbol.asyncDispose]();
  await other.ended;
  // The page is told, so that it connects anew.
  await page.ended;
  await other[Symbol.asyncDispose]();
  await using next = await open(folder.dataDir, 'desktop');
  expect(next.isOwner).toBe(true);
  await using again = await connectPage(next);
  expect((await again.calls.app.about({})).host).toBe('desktop');
});

test('an owner has as long to end as its runs have to stop, as the setting stands now; who only shows it has none', async () => {
  await using folder = await createInstanceFolder();
  await using owner = await open(folder.dataDir, 'desktop');
  await using other = await open(folder.dataDir, 'serve');
  await owner.client.calls.settings.set({ values: { 'agents.stopDeadlineMs': 123_000 }, by: 'screen' });
  expect(owner.stopDeadlineMs()).toBe(123_000);
  expect(other.stopDeadlineMs()).toBe(0);
});

test('a page that comes when the owner is gone is let go', async () => {
  await using folder = await createInstanceFolder();
  const owner = await open(folder.dataDir, 'serve');
  await using other = await open(folder.dataDir, 'desktop');
  await owner[Symbol.asyncDispose]();
  const { client, server } = createMemoryTransports();
  const ended = new Promise<boolean>((resolve) => client.onEnd(() => resolve(true)));
  other.connect(server);
  expect(await ended).toBe(true);
});
