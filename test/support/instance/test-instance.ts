import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openControlPlane } from '../../../main/boot/open-control-plane.ts';
import { hostInstance } from '../../../main/instance/host-instance.ts';
import { type Host, terminalHost } from '../../../main/instance/host.ts';
import type { InstanceClient } from '../../../main/instance/join-instance.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** A real instance in this process, with a client of it. */
export interface TestInstance extends AsyncDisposable {
  readonly calls: InstanceClient['calls'];
  readonly dataDir: string;
}

/** A folder with a data directory to be; gone with the test. */
export async function createInstanceFolder(): Promise<
  AsyncDisposable & { readonly folder: string; readonly dataDir: string }
> {
  const folder = await mkdtemp(join(tmpdir(), 'hosted-'));
  return {
    folder,
    dataDir: join(folder, 'data'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Opens one over `dataDir`, which nobody else may own. */
export async function openTestInstance(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  host: Host = terminalHost,
): Promise<TestInstance> {
  const options = {
    dataDir,
    environment,
    commandLine: {},
    clock: systemClock,
    version: 'test',
    openControlPlane,
    host,
  };
  const hosted = await hostInstance(options);
  if (!hosted) throw new AppError('INTERNAL', 'Another test owns this data directory.');
  return { calls: hosted.client.calls, dataDir, [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose]() };
}
