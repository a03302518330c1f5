import { kill } from 'node:process';
import { expect, test } from 'vitest';
import { createProviders, type OpenProviders, type ProviderSourceOptions } from '../../../main/boot/provider-source.ts';
import { toBreakerLimits } from '../../../main/boot/settings-limits.ts';
import { createBreakers } from '../../../runtime/admission/breaker/breakers.ts';
import { openGate } from '../../../runtime/admission/gate.ts';
import { openProcesses } from '../../../runtime/processes/processes.ts';
import type { Provider } from '../../../runtime/providers/provider.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { defaultSettings } from '../../../shared/settings/settings.ts';

/** Providers as the program opens them, with default limits. */
function openProviders(parts: Pick<ProviderSourceOptions, 'gate' | 'processes'>): OpenProviders {
  const values = defaultSettings({ cores: 2, memoryBytes: 2 ** 30 });
  const breakers = createBreakers(toBreakerLimits(values), systemClock);
  return createProviders({ ...parts, breakers, clock: systemClock, environment: {}, values });
}

const hello = async (provider: Provider): Promise<string> => {
  const request = {
    model: 'sim/default',
    system: '',
    messages: [{ role: 'user' as const, text: 'Reply only with "yes"' }],
    tools: [],
  };
  return (await provider.ask(request, { signal: new AbortController().signal, deadlineMs: 20_000 })).text;
};

test('a simulated provider that died is started again for the next run', async () => {
  await using gate = openGate({ lanes: {}, clock: systemClock });
  await using processes = openProcesses({ clock: systemClock });
  await using providers = openProviders({ gate, processes });
  const first = await providers.acquire('sim', undefined, '/fleet.yaml');
  expect((await providers.acquire('sim', undefined, '/fleet.yaml')).provider).toBe(first.provider);
  expect(await hello(first.provider)).toContain('yes');

  const [simulator] = (await processes.alive()).filter(({ command }) => command.includes('simulator'));
  kill(simulator!.pid, 'SIGKILL');
  let next = first;
  while (next.provider === first.provider) {
    await systemClock.sleep(20);
    next = await providers.acquire('sim', undefined, '/fleet.yaml');
  }
  expect(await hello(next.provider)).toContain('yes');
  expect(providers.status().map(({ name }) => name)).toEqual(['sim', 'sim']);
});

test('two fleets that give one name to different addresses get a provider and a lane each', async () => {
  await using gate = openGate({ lanes: {}, clock: systemClock });
  await using processes = openProcesses({ clock: systemClock });
  await using providers = openProviders({ gate, processes });
  const at = (port: number) => ({
    protocol: 'openai' as const,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    http: 'auto' as const,
  });
  const one = await providers.acquire('local', at(4_001), '/a.yaml');
  const other = await providers.acquire('local', at(4_002), '/b.yaml');
  expect(one.provider).not.toBe(other.provider);
  expect([one.lane, other.lane]).toEqual(['provider:local', 'provider:local#2']);
});
