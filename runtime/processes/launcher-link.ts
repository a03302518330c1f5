import { existsSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encodeFrame, encodeHeader, FrameDecoder, type Frame, type FrameKind } from './launcher/frame.ts';
import { TOKEN_NAME, toLimitMark } from './tree/ownership-token.ts';
import { CHANNEL_FD, type LauncherConfig } from './launcher/launcher-order.ts';

/** The launcher's memory decides what a fork costs: a small young generation and one helper thread keep it down. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1'];

const SHELL = '/bin/sh';

/** Of what a dying launcher says, the end is kept. */
const MAX_LAST_WORDS = 2_000;

/** Who hears from a launcher. */
export interface LinkListener {
  frame(frame: Frame): void;
  /** Called once, after the last frame, whether the launcher was told to end or not. */
  closed(lastWords: string): void;
}

/** A launcher process and the channel to it. */
export class LauncherLink {
  readonly #child: ChildProcess;
  readonly #channel: Duplex;
  readonly #exited = Promise.withResolvers<boolean>();
  #lastWords = '';

  /** Starts a launcher. Throws the system's error when no process can be made. */
  constructor(config: LauncherConfig, listener: LinkListener) {
    const [program, ...args] = toCommand(config);
    this.#child = spawn(program, args, {
      // Its own session, so that Ctrl-C in the terminal reaches main alone, which then decides.
      detached: true,
      windowsHide: true,
      env: launcherEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    if (this.#child.pid === undefined) {
      // The reason arrives as an event later; every start that is waiting fails with this one now.
      this.#child.once('error', () => undefined);
      throw Object.assign(new Error('The launcher could not be started.'), { code: 'EAGAIN' });
    }
    this.#channel = this.#child.stdio[CHANNEL_FD] as Duplex;
    this.#listen(listener);
    this.keepAlive(false);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves when the launcher process is gone: whether it had ended everything, as it was told. */
  get exited(): Promise<boolean> {
    return this.#exited.promise;
  }

  send(kind: FrameKind, id: number, value?: unknown): void {
    if (this.#channel.writable) this.#channel.write(encodeFrame(kind, id, value));
  }

  sendBytes(kind: FrameKind, id: number, bytes: Buffer): void {
    if (!this.#channel.writable) return;
    this.#channel.write(encodeHeader(kind, id, bytes.length));
    this.#channel.write(bytes);
  }

  /** Whether the launcher keeps this process alive; only while programs run. */
  keepAlive(on: boolean): void {
    for (const handle of [this.#child, this.#channel, this.#child.stderr] as { ref?(): void; unref?(): void }[]) {
      if (on) handle.ref?.();
      else handle.unref?.();
    }
  }

  /** Ends the launcher at once; its listener hears `closed`. */
  kill(): void {
    this.#child.kill('SIGKILL');
    this.#channel.destroy();
  }

  #listen(listener: LinkListener): void {
    const decoder = new FrameDecoder();
    this.#child.once('exit', (code) => this.#exited.resolve(code === 0));
    this.#channel.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) listener.frame(frame);
    });
    this.#channel.on('error', () => undefined);
    this.#channel.once('close', () => listener.closed(this.#lastWords.trim()));
    const stderr = this.#child.stderr as Readable;
    stderr.setEncoding('utf8');
    stderr.on('data', (text: string) => (this.#lastWords = (this.#lastWords + text).slice(-MAX_LAST_WORDS)));
  }
}

/** Node with the launcher, behind a shell that sets the limit mark where there is one; a hard limit below it leaves it unset. */
function toCommand(config: LauncherConfig): [string, ...string[]] {
  const launcher = fileURLToPath(new URL('./launcher/launcher.ts', import.meta.url));
  const command: [string, ...string[]] = [process.execPath, ...NODE_FLAGS, launcher, JSON.stringify(config)];
  if (process.platform !== 'linux' || !existsSync(SHELL)) return command;
  return [SHELL, '-c', `ulimit -S -d ${toLimitMark(config.instance)} 2>/dev/null; exec "$0" "$@"`, ...command];
}

/**
 * Nothing of ours but what a system needs to run a program at all: `NODE_OPTIONS` and keys stay here. With a compile cache
 * the launcher loads no compiler for its types, which makes it 17 MB smaller and its forks a quarter cheaper.
 */
function launcherEnvironment(): NodeJS.ProcessEnv {
  const names = process.platform === 'win32' ? ['SystemRoot', 'PATH', 'TEMP'] : [];
  const kept = [...names, 'ELECTRON_RUN_AS_NODE', TOKEN_NAME].map((name) => [name, process.env[name]]);
  // Node answers with a folder for its own version and user inside the one that it is told.
  const cache = getCompileCacheDir();
  return { ...Object.fromEntries(kept), ...(cache !== undefined && { NODE_COMPILE_CACHE: dirname(cache) }) };
}
