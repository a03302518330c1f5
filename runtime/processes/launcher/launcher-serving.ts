import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../time/clock.ts';
import { decodeJson, FRAME, FrameDecoder, type Frame } from './frame.ts';
import { endInstance } from '../tree/instance-end.ts';
import { LaunchedTree, type TreePorts } from './launched-tree.ts';
import type { LauncherConfig, StartOrder } from './launcher-order.ts';
import { LauncherOutlet } from './launcher-outlet.ts';
import { readProcessTable } from '../tree/process-table.ts';
import { TableReadings } from '../tree/table-readings.ts';

const SAMPLE_MS = 250;

/** Samples take at most this share of the launcher's time, unless they would become rarer than `MAX_SAMPLE_MS`. */
const MAX_SAMPLE_RATIO = 0.05;

const MAX_SAMPLE_MS = 1_000;

/** Between asking and forcing what is found after all trees have ended. */
const LAST_GRACE_MS = 100;

/** Without programs for this long, what only their limit mark tells can be nobody's but a past program's. */
const IDLE_MS = 1_000;

/** A main that does not read its last results in this time does not get them. */
const FLUSH_MS = 2_000;

/** Serves orders from `channel` until it closes or says so, then stops everything; resolves when nothing is left. */
export async function serveLauncher(channel: Duplex, config: LauncherConfig, clock: Clock): Promise<void> {
  const outlet = new LauncherOutlet(channel);
  const readings = new TableReadings({ clock, instance: config.instance });
  const trees = new LauncherTrees({ clock, outlet, readings, ...config });
  // A channel that breaks ends the reading below, which is all there is to do about it.
  channel.on('error', () => undefined);
  process.once('SIGTERM', () => channel.destroy());
  // A utility process shares the terminal of main, which alone decides what Ctrl-C means.
  process.on('SIGINT', () => undefined);
  await readOrders(channel, trees);
  await trees.stopAll();
  await trees.endLeftovers();
  await Promise.race([new Promise<void>((resolve) => channel.end(resolve)), clock.sleep(FLUSH_MS)]);
}

/** Gives each order to the trees; ends with the channel, or with the order to shut down. */
async function readOrders(channel: Duplex, trees: LauncherTrees): Promise<void> {
  const decoder = new FrameDecoder();
  try {
    for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
      for (const frame of decoder.push(chunk as Buffer)) {
        if (frame.kind === FRAME.shutdown) return;
        trees.accept(frame);
        // A fork takes about a millisecond: outputs and stops get their turn between two of them.
        if (frame.kind === FRAME.start) await new Promise(setImmediate);
      }
    }
  } catch {
    // The channel broke: main is gone.
  }
}

/** The programs that run now. */
class LauncherTrees {
  readonly #ports: TreePorts;
  readonly #trees = new Map<number, LaunchedTree>();
  readonly #ends = new Set<Promise<void>>();
  #isSampling = false;
  #idle: Timer | undefined;

  constructor(ports: TreePorts) {
    this.#ports = ports;
  }

  accept(frame: Frame): void {
    const tree = this.#trees.get(frame.id);
    switch (frame.kind) {
      case FRAME.start:
        return this.#start(frame.id, decodeJson(frame) as StartOrder);
      case FRAME.input:
        return tree?.write(frame.payload);
      case FRAME.inputEnd:
        return tree?.closeInput();
      case FRAME.stop:
        return tree?.stop();
      default:
        return undefined;
    }
  }

  async stopAll(): Promise<void> {
    for (const tree of this.#trees.values()) tree.stop();
    await Promise.all(this.#ends);
  }

  /** Ends what left its tree unseen and dropped its token, as long as no program runs that it could belong to. */
  async endLeftovers(): Promise<void> {
    this.#idle?.[Symbol.dispose]();
    const { clock, instance, readings } = this.#ports;
    await endInstance({
      clock,
      instance,
      readings,
      graceMs: LAST_GRACE_MS,
      isStillMeant: () => this.#trees.size === 0,
    });
  }

  #start(id: number, order: StartOrder): void {
    const tree = new LaunchedTree(id, order, this.#ports);
    this.#trees.set(id, tree);
    this.#idle?.[Symbol.dispose]();
    const end = tree.run().finally(() => {
      this.#trees.delete(id);
      this.#ends.delete(end);
      if (this.#trees.size === 0) this.#idle = this.#ports.clock.after(IDLE_MS, () => void this.endLeftovers());
    });
    this.#ends.add(end);
    if (!this.#isSampling) void this.#sample();
  }

  /** One pass over the process table for all trees, again and again while there are any. */
  async #sample(): Promise<void> {
    const { clock } = this.#ports;
    this.#isSampling = true;
    let restMs = SAMPLE_MS;
    for (;;) {
      await clock.sleep(restMs);
      if (this.#trees.size === 0) break;
      const startedAtMonoMs = clock.monoMs();
      const table = await readProcessTable({ withTokens: false }).catch(() => undefined);
      if (table) for (const tree of this.#trees.values()) tree.sample(table);
      const sparingMs = (clock.monoMs() - startedAtMonoMs) / MAX_SAMPLE_RATIO;
      restMs = Math.min(MAX_SAMPLE_MS, Math.max(SAMPLE_MS, sparingMs));
    }
    this.#isSampling = false;
  }
}
