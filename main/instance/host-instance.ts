import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import type { Clock } from '../../runtime/time/clock.ts';
import { createContractClient } from '../../shared/contract/client.ts';
import { contract } from '../../shared/contract/contract.ts';
import type { Farewell } from '../../shared/contract/farewell.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import type { ServerMessage } from '../../shared/contract/wire.ts';
import type { RunProgress } from '../../shared/model/run-summary.ts';
import { createPreferences } from '../app/preferences.ts';
import { createPulseFeed, type PulseFeed } from '../app/pulse.ts';
import { openPulseSampler } from '../app/take-pulse.ts';
import type { ControlPlane, ControlPlaneOptions } from '../boot/control-plane.ts';
import { type Log, logPathOf, openLog } from '../boot/log.ts';
import { createAddedFleets } from '../fleets/added-fleets.ts';
import { historyPath } from '../history/store/database.ts';
import { createProviderKeys } from '../providers/provider-keys.ts';
import { createInstanceHandlers } from '../rpc/handlers/instance-handlers.ts';
import type { InstanceParts } from '../rpc/handlers/instance-parts.ts';
import { LineTransport } from '../rpc/line-transport.ts';
import { createMemoryTransports } from '../rpc/memory-transport.ts';
import { RunJournal } from '../rpc/run-journal.ts';
import { createContractServer } from '../rpc/serve-contract.ts';
import { openSettings } from '../settings/open-settings.ts';
import { claimInstance } from './claim-instance.ts';
import type { Host } from './host.ts';
import type { InstanceClient } from './join-instance.ts';

/** What an instance is made from. */
export interface HostOptions {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--setting` values by key. */
  readonly commandLine: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly version: string;
  readonly openControlPlane: (options: ControlPlaneOptions) => Promise<ControlPlane>;
  /** Where it runs. `show` is first called when a client asks for it, so it may need what is opened after the instance. */
  readonly host: Host;
}

/** This process as the owner of a data directory. Disposing of it stops what runs, keeps what was done, and lets go. */
export interface HostedInstance extends AsyncDisposable {
  /** Speaks the contract without a socket, so that the owner's own commands take the same way as everybody's. */
  readonly client: InstanceClient;
  /** Its data directory, links resolved. */
  readonly dataDir: string;
  readonly log: Log;
  /** How long its runs have to stop when it is disposed of: `agents.stopDeadlineMs` as it stands now. */
  stopDeadlineMs(): number;
  /** Speaks the contract over one more connection (a window's port, a page's socket) until that ends. */
  serve(transport: Transport<ServerMessage>): void;
}

/**
 * Claims the data directory, opens the control plane and serves the contract on the instance socket; `undefined` when
 * another process owns it.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY, DISK_FULL, SETTING_UNKNOWN, SETTING_INVALID, and what the control plane refuses with.
 */
export async function hostInstance(options: HostOptions): Promise<HostedInstance | undefined> {
  const { clock, version, environment, host } = options;
  await using opening = new AsyncDisposableStack();
  const instance = await claimInstance(options.dataDir);
  if (!instance) return undefined;
  opening.use(instance);
  const { dataDir } = instance;
  const log = opening.use(openLog(dataDir));
  const settings = await openSettings({ dataDir, environment, commandLine: options.commandLine, clock });
  const keys = createProviderKeys({ dataDir, environment, keychain: host.keychain });
  const plane = opening.use(await options.openControlPlane({ dataDir, settings, environment, clock, log, keys }));
  opening.use(settings.watchFile((problem) => tellOfFile(log, problem)));
  const journal = new RunJournal({ clock, report: (progress) => plane.report(progress) });
  const startedAtMs = clock.nowMs();
  const pulse = createInstancePulse({ plane, settings, journal, dataDir }, clock);
  const handlers = createInstanceHandlers({
    plane,
    settings,
    journal,
    host,
    environment,
    clock,
    keys,
    pulse,
    dataDir,
    version,
    startedAtMs,
    added: createAddedFleets(dataDir, () => clock.nowMs()),
    preferences: createPreferences(dataDir),
  });
  const program = `flotilla ${version}`;
  // What still runs then is stopped with the control plane.
  const farewell = (): Farewell => ({ stoppedRuns: journal.live().length, isShowingOther: false });
  const server = opening.use(
    createContractServer({ contract, handlers, clock, log, logPath: logPathOf(dataDir), program, farewell }),
  );
  const { client: near, server: far } = createMemoryTransports();
  server.serve(far);
  await instance.listen({
    version,
    startedAtMs,
    onConnection: (socket) => server.serve(new LineTransport<ServerMessage>(socket)),
  });
  const client = opening.use(
    await createContractClient(contract, near, { client: `${program} (pid ${process.pid})`, newRequestId: randomUUID }),
  );
  const owned = opening.move();
  return {
    client,
    dataDir,
    log,
    stopDeadlineMs: () => settings.values()['agents.stopDeadlineMs'],
    serve: (transport) => server.serve(transport),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A bad edit changes nothing; whoever made it may look here, at `settings list` or at the screen. */
function tellOfFile(log: Log, problem: string | undefined): void {
  if (problem === undefined) log.info({}, 'The settings file is in force again');
  else log.warn({ problem }, 'The newest edit of the settings file is not in force');
}

function createInstancePulse(
  { journal, dataDir, plane, settings }: Pick<InstanceParts, 'plane' | 'settings' | 'journal' | 'dataDir'>,
  clock: Clock,
): PulseFeed {
  const cores = availableParallelism();
  const liveRuns = (): readonly RunProgress[] => journal.live();
  const sampled = { plane, settings, clock, cores, liveRuns, historyPath: historyPath(dataDir) };
  return createPulseFeed(clock, () => openPulseSampler(sampled));
}
