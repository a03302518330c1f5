import type { StartModule } from '../../runtime/processes/module-process.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import type { ServerMessage } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { bridgeTransports } from '../rpc/bridge-transports.ts';
import type { Host } from './host.ts';
import { hostInstance, type HostedInstance } from './host-instance.ts';
import { connectToOwner, type InstanceClient, joinInstance } from './join-instance.ts';

/** Times an instance is looked for: the owner may leave, or come, in between. */
const MAX_LOOKS = 20;

/** What an own instance is made from, should there be none to join. */
export interface BackingOptions {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly host: Host;
  /** On the desktop, where `process.execPath` is no Node. */
  readonly startModule?: StartModule;
}

/** What stands behind the screens: this process's own instance, or another that owns the data directory. */
export interface Backing extends AsyncDisposable {
  readonly client: InstanceClient;
  readonly isOwner: boolean;
  /** Resolves when it has ended; never for an own one. */
  readonly ended: Promise<unknown>;
  /** How long the runs that end with it may take to stop: `agents.stopDeadlineMs` of an own one, 0 of another's. */
  stopDeadlineMs(): number;
  /** Lets a page speak the contract with it. */
  connect(transport: Transport<ServerMessage>): void;
}

/** Joins the instance of the data directory, or becomes it. @throws {AppError} INSTANCE_UNREACHABLE, and what an instance is refused with. */
export async function openBacking(options: BackingOptions): Promise<Backing> {
  const { dataDir, environment, version, host, startModule } = options;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const joined = await joinInstance(dataDir, systemClock, `flotilla ${version}`);
    if (joined) return toBridge(joined, dataDir);
    const { openControlPlane } = await import('../boot/open-control-plane.ts');
    const hosted = await hostInstance({
      dataDir,
      environment,
      commandLine: {},
      version,
      clock: systemClock,
      openControlPlane: (parts) => openControlPlane({ ...parts, ...(startModule && { startModule }) }),
      host,
    });
    if (hosted) return toOwned(hosted);
  }
  throw new AppError('INSTANCE_UNREACHABLE', 'Other programs keep taking this data directory; try again in a moment.');
}

function toOwned(hosted: HostedInstance): Backing {
  return {
    client: hosted.client,
    isOwner: true,
    ended: new Promise(() => {}),
    stopDeadlineMs: () => hosted.stopDeadlineMs(),
    connect: (transport) => hosted.serve(transport),
    [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose](),
  };
}

/** Each page gets a connection of its own to the owner: what it asks for ends with it. */
function toBridge(client: InstanceClient, dataDir: string): Backing {
  return {
    client,
    isOwner: false,
    ended: client.ended,
    stopDeadlineMs: () => 0,
    connect: (transport) => void bridgeToOwner(transport, dataDir),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function bridgeToOwner(transport: Transport<ServerMessage>, dataDir: string): Promise<void> {
  const owner = await connectToOwner(dataDir).catch(() => undefined);
  if (owner) bridgeTransports(transport, owner);
  else transport.close();
}
