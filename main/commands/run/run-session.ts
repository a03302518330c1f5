import { systemClock } from '../../../runtime/time/clock.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { hostInstance } from '../../instance/host-instance.ts';
import { terminalHost } from '../../instance/host.ts';
import { type InstanceClient, joinInstance } from '../../instance/join-instance.ts';
import type { CommandFrame } from '../frame.ts';
import type { RunOptions } from '../program.ts';

/** Times an instance is looked for: the owner may leave, or come, in between. */
const MAX_LOOKS = 20;

/** The instance that a run is launched in: this process, or another that owns the data directory. */
export interface Session extends AsyncDisposable {
  readonly client: InstanceClient;
  readonly isOwner: boolean;
}

/** Joins the instance of the data directory, or becomes it. @throws {AppError} SETTING_INVALID, INPUT_INVALID, INSTANCE_UNREACHABLE */
export async function openSession(options: RunOptions, frame: CommandFrame): Promise<Session> {
  const { dataDir, environment, version } = frame;
  const commandLine = toSettings(options.setting ?? []);
  for (let look = 0; look < MAX_LOOKS; look++) {
    const joined = await joinInstance(dataDir, systemClock, `flotilla ${version}`);
    if (joined) {
      if (options.setting?.length) {
        await joined[Symbol.asyncDispose]();
        throw new AppError(
          'SETTING_INVALID',
          'An instance runs on this data directory already, so --setting cannot change how it starts; use "flotilla settings set".',
        );
      }
      frame.output.note(`Joined the running instance ${joined.peer.pid}; Ctrl-C stops only this run.`);
      return { client: joined, isOwner: false, [Symbol.asyncDispose]: () => joined[Symbol.asyncDispose]() };
    }
    const { openControlPlane } = await import('../../boot/open-control-plane.ts');
    const hosted = await hostInstance({
      dataDir,
      environment,
      commandLine,
      version,
      clock: systemClock,
      openControlPlane,
      host: terminalHost,
    });
    if (hosted)
      return { client: hosted.client, isOwner: true, [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose]() };
  }
  throw new AppError('INSTANCE_UNREACHABLE', 'Other programs keep taking this data directory; try again in a moment.');
}

function toSettings(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1)
        throw new AppError(
          'INPUT_INVALID',
          `--setting ${pair.slice(0, 60)}: expected key=value, for example --setting cpu.maxWorkers=2.`,
        );
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}
