import { expect, test } from 'vitest';
import { openControlPlane } from '../../../main/boot/open-control-plane.ts';
import { openForReading } from '../../../main/history/store/database.ts';
import { openSettings } from '../../../main/settings/open-settings.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const openIn = (dataDir: string) => openSettings({ dataDir, environment: {}, clock: systemClock });

function recorded(dataDir: string) {
  const connection = openForReading(dataDir)!;
  try {
    const changes = connection
      .prepare('SELECT version, key, from_value, to_value, changed_by FROM setting_changes ORDER BY id')
      .all();
    const versions = connection.prepare('SELECT version, settings FROM setting_versions').all() as {
      version: number;
      settings: string;
    }[];
    return { changes, versions: versions.map((each) => ({ ...each, settings: JSON.parse(each.settings) as object })) };
  } finally {
    connection.close();
  }
}

test('changes of settings stand in history once, those made while nothing ran too', async () => {
  using directory = temporaryDirectory();
  const dataDir = directory.path;
  const first = await openIn(dataDir);
  await first.set({ 'tools.timeoutMs': 61_000 }, 'cli');
  for (const round of [1, 2]) {
    const settings = await openIn(dataDir);
    await using _plane = await openControlPlane({ dataDir, settings, environment: {}, clock: systemClock, log });
    if (round === 1) await settings.set({ 'tools.timeoutMs': 62_000 }, 'screen');
  }
  const { changes, versions } = recorded(dataDir);
  expect(changes).toEqual([
    { version: 1, key: 'tools.timeoutMs', from_value: expect.any(String), to_value: '61000', changed_by: 'cli' },
    { version: 2, key: 'tools.timeoutMs', from_value: '61000', to_value: '62000', changed_by: 'screen' },
  ]);
  expect(versions).toMatchObject([{ version: 2, settings: { 'tools.timeoutMs': 62_000 } }]);
});
