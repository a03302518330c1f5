import { openControlPlane } from '../../../main/boot/open-control-plane.ts';
import { hostInstance, type HostedInstance } from '../../../main/instance/host-instance.ts';
import { terminalHost } from '../../../main/instance/host.ts';
import { systemClock } from '../../../runtime/time/clock.ts';

/** A whole instance in the test's own process: real history, real agents, the contract over memory. */
export async function openInstance(
  dataDir: string,
  commandLine: Readonly<Record<string, string>> = {},
): Promise<HostedInstance> {
  const options = { dataDir, environment: process.env, commandLine, version: '0.0.0' };
  const hosted = await hostInstance({ ...options, clock: systemClock, openControlPlane, host: terminalHost });
  if (!hosted) throw new Error(`${dataDir} is owned by another process.`);
  return hosted;
}
