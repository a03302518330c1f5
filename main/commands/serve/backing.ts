import { systemClock } from '../../../runtime/time/clock.ts';
import type { Transport } from '../../../shared/contract/transport.ts';
import type { ServerMessage } from '../../../shared/contract/wire.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Host } from '../../instance/host.ts';
import { hostInstance, type HostedInstance } from '../../instance/host-instance.ts';
import { connectToOwner, type InstanceClient, joinInstance } from '../../instance/join-instance.ts';
import { bridgeTransports } from '../../rpc/bridge-transports.ts';
import type { CommandFrame } from '../frame.ts';

/** Times an instance is looked for: the owner may leave, or come, in between. */
const MAX_LOOKS = 20;

/** What stands behind the served screens: this process's own instance, or another that owns the data directory. */
export interface Backing extends AsyncDisposable {
  readonly client: InstanceClient;
  readonly isOwner: boolean;
  /** Resolves when it has ended; never for an own one. */
  readonly ended: Promise<unknown>;
  /** Lets a page speak the contract with it. */
  connect(transport: Transport<ServerMessage>): void;
}

/** Joins the instance of the data directory, or becomes it. @throws {AppError} INSTANCE_UNREACHABLE, and what an instance is refused with. */
export async function openBacking(frame: CommandFrame, show: Host['show']): Promise<Backing> {
  const { dataDir, environment, version } = frame;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const joined = await joinInstance(dataDir, systemClock, `flotilla ${version}`);
    if (joined) return toBridge(joined, dataDir);
    const { openControlPlane } = await import('../../boot/open-control-plane.ts');
    const hosted = await hostInstance({
      dataDir,
      environment,
      commandLine: {},
      version,
      clock: systemClock,
      openControlPlane,
      host: { kind: 'serve', show },
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
    connect: (transport) => void bridgeToOwner(transport, dataDir),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function bridgeToOwner(transport: Transport<ServerMessage>, dataDir: string): Promise<void> {
  const owner = await connectToOwner(dataDir);
  if (owner) bridgeTransports(transport, owner);
  else transport.close();
}
