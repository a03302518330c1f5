import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeFrame, encodeHeader, FrameDecoder, type Frame, type FrameKind } from './launcher/frame.ts';
import type { ModuleProcess, ModuleOrder, StartModule } from './module-process.ts';
import { spawnLauncher } from './node-launcher.ts';
import { TOKEN_NAME } from './tree/ownership-token.ts';
import type { LauncherConfig } from './launcher/launcher-order.ts';

/** The launcher's memory decides what a fork costs: a small young generation and one helper thread keep it down. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1'];

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
  readonly #helper: ModuleProcess;
  readonly #exited: Promise<boolean>;
  #lastWords = '';

  /** Starts a launcher. Throws the system's error when no process can be made. */
  constructor(config: LauncherConfig, listener: LinkListener, startModule?: StartModule) {
    const order = toOrder(config);
    this.#helper = startModule?.(order) ?? spawnLauncher(order, config.instance);
    this.#exited = this.#helper.exited.then((code) => code === 0);
    this.#listen(listener);
    this.keepAlive(false);
  }

  /** Absent while a utility process is on its way. */
  get pid(): number | undefined {
    return this.#helper.pid;
  }

  /** Resolves when the launcher process is gone: whether it had ended everything, as it was told. */
  get exited(): Promise<boolean> {
    return this.#exited;
  }

  send(kind: FrameKind, id: number, value?: unknown): void {
    const { channel } = this.#helper;
    if (channel.writable) channel.write(encodeFrame(kind, id, value));
  }

  sendBytes(kind: FrameKind, id: number, bytes: Buffer): void {
    const { channel } = this.#helper;
    if (!channel.writable) return;
    channel.write(encodeHeader(kind, id, bytes.length));
    channel.write(bytes);
  }

  /** Whether the launcher keeps this process alive; only while programs run. */
  keepAlive(on: boolean): void {
    this.#helper.keepAlive(on);
  }

  /** Ends the launcher at once; its listener hears `closed`. */
  kill(): void {
    this.#helper.kill('force');
    this.#helper.channel.destroy();
  }

  #listen(listener: LinkListener): void {
    const decoder = new FrameDecoder();
    const { channel, stderr } = this.#helper;
    channel.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) listener.frame(frame);
    });
    channel.on('error', () => undefined);
    channel.once('close', () => listener.closed(this.#lastWords.trim()));
    stderr?.setEncoding('utf8');
    stderr?.on('data', (text: string) => (this.#lastWords = (this.#lastWords + text).slice(-MAX_LAST_WORDS)));
  }
}

function toOrder(config: LauncherConfig): ModuleOrder {
  return {
    name: 'flotilla-launcher',
    modulePath: fileURLToPath(new URL('./launcher/launcher.ts', import.meta.url)),
    args: [JSON.stringify(config)],
    nodeFlags: NODE_FLAGS,
    environment: launcherEnvironment(),
  };
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
