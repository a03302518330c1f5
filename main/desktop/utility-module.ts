import type { Readable } from 'node:stream';
import { utilityProcess } from 'electron';
import type { ModuleProcess, ModuleOrder } from '../../runtime/processes/module-process.ts';
import { PortChannel } from '../../runtime/processes/launcher/port-channel.ts';

/** Starts a module of ours as a utility process: a shipped Electron is no Node, and cannot be told to be one. */
export function startUtilityModule({ name, modulePath, args, nodeFlags, environment }: ModuleOrder): ModuleProcess {
  const child = utilityProcess.fork(modulePath, [...args], {
    serviceName: name,
    execArgv: [...nodeFlags],
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const channel = new PortChannel({
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    post: (message) => child.postMessage(message),
    listen: (listener) => void child.on('message', listener),
  });
  const exited = new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => {
      channel.endByPeer();
      resolve(code);
    });
  });
  return {
    get pid() {
      return child.pid;
    },
    channel,
    stdout: (child.stdout as Readable | null) ?? undefined,
    stderr: (child.stderr as Readable | null) ?? undefined,
    exited,
    kill(how) {
      if (how === 'ask' || child.pid === undefined) child.kill();
      else process.kill(child.pid, 'SIGKILL');
    },
    // Electron lives until it is told to quit, whatever helpers there are.
    keepAlive: () => undefined,
  };
}
