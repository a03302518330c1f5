import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { ModuleProcess, ModuleOrder } from './module-process.ts';
import { CHANNEL_FD } from './launcher/launcher-order.ts';
import { toLimitMark } from './tree/ownership-token.ts';

const SHELL = '/bin/sh';

/** Starts the launcher as a child of Node. Throws the system's error when no process can be made. */
export function spawnLauncher(order: ModuleOrder, instance: string): ModuleProcess {
  const [program, ...args] = toCommand(order, instance);
  const child = spawn(program, args, {
    // Its own session, so that Ctrl-C in the terminal reaches main alone, which then decides.
    detached: true,
    windowsHide: true,
    env: order.environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) {
    // The reason arrives as an event later; every start that is waiting fails with this one now.
    child.once('error', () => undefined);
    throw Object.assign(new Error('The launcher could not be started.'), { code: 'EAGAIN' });
  }
  const channel = child.stdio[CHANNEL_FD] as Duplex;
  return {
    pid: child.pid,
    channel,
    stdout: undefined,
    stderr: child.stderr ?? undefined,
    exited: new Promise((resolve) => child.once('exit', (code) => resolve(code ?? undefined))),
    kill: (how) => void child.kill(how === 'force' ? 'SIGKILL' : 'SIGTERM'),
    keepAlive(on) {
      for (const handle of [child, channel, child.stderr] as { ref?(): void; unref?(): void }[]) {
        if (on) handle.ref?.();
        else handle.unref?.();
      }
    },
  };
}

/** Node with the launcher, behind a shell that sets the limit mark where there is one; a hard limit below it leaves it unset. */
function toCommand({ nodeFlags, modulePath, args }: ModuleOrder, instance: string): [string, ...string[]] {
  const command: [string, ...string[]] = [process.execPath, ...nodeFlags, modulePath, ...args];
  if (process.platform !== 'linux' || !existsSync(SHELL)) return command;
  return [SHELL, '-c', `ulimit -S -d ${toLimitMark(instance)} 2>/dev/null; exec "$0" "$@"`, ...command];
}
