import process from 'node:process';
import { openAddress } from '../../runtime/processes/open-address.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import type { Farewell } from '../../shared/contract/farewell.ts';
import { isFinalRunState } from '../../shared/model/states.ts';
import { type Backing, openBacking } from '../instance/backing.ts';
import type { InstanceClient } from '../instance/join-instance.ts';
import { openPageServer, type PageServer } from '../page/page-server.ts';
import { loadScreens, type Screens, SCREENS_FOLDER, screensThatSay } from '../page/screens.ts';
import type { CommandFrame, CommonOptions } from './frame.ts';
import { onInterruption } from './interruption.ts';

/** Options of `serve`. */
export interface ServeOptions extends CommonOptions {
  readonly port?: number;
  readonly open?: boolean;
}

/** Screens that nobody has built are one command away. */
const NOT_BUILT =
  'The screens are not built yet: run "npm run build" in the folder of Flotilla, then start this again.';

/**
 * `serve`: the screens on loopback, in the foreground, until SIGINT or SIGTERM. Where an instance with a window runs on the data
 * directory already, its window is shown instead. Answers the exit code.
 *
 * @throws {AppError} PORT_IN_USE, INPUT_INVALID, INSTANCE_UNREACHABLE, and what an instance is refused with.
 */
export async function serve(options: ServeOptions, frame: CommandFrame): Promise<number> {
  const { output } = frame;
  const asked = Promise.withResolvers<'asked'>();
  using _listening = onInterruption({ stop: () => asked.resolve('asked'), stopNow: () => process.exit(130) });
  const screens = await screensOf(frame);
  let page: PageServer | undefined;
  // A second start may ask in the moment between our instance and our page.
  const opened = Promise.withResolvers<PageServer | undefined>();
  const show = async (): Promise<{ shown: boolean; url?: string }> => {
    const url = (await opened.promise)?.createUrl();
    return { shown: false, ...(url !== undefined && { url }) };
  };
  const { dataDir, environment, version } = frame;
  const wanted = { dataDir, environment, version, host: { kind: 'serve', show } } as const;
  let backing: Backing | undefined = await openBacking(wanted);
  let farewell: Farewell | undefined;
  try {
    if (!backing.isOwner && (await hasShown(backing.client, options, frame))) return 0;
    page = await openPageServer({
      screens,
      port: options.port ?? 0,
      clock: systemClock,
      // Between two owners nobody answers; the page tries again by itself.
      onConnection: (transport) => (backing ? backing.connect(transport) : transport.close()),
    });
    opened.resolve(page);
    output.onReaderGone(() => asked.resolve('asked'));
    await sayReady(page.createUrl(), options, frame);
    while ((await Promise.race([asked.promise, backing.ended])) !== 'asked') {
      const ended: Backing = backing;
      backing = undefined;
      await ended[Symbol.asyncDispose]();
      backing = await openBacking(wanted);
      output.note(
        `The instance that these screens showed has ended; ${backing.isOwner ? 'this one goes on in its place' : 'they show the next one'}.`,
      );
    }
    const stoppedRuns = backing.isOwner ? await stopRuns(backing.client, frame) : 0;
    farewell = { stoppedRuns, isShowingOther: !backing.isOwner };
  } finally {
    opened.resolve(undefined);
    if (farewell) page?.sayFarewell(farewell);
    await page?.[Symbol.asyncDispose]();
    await backing?.[Symbol.asyncDispose]();
  }
  return 0;
}

async function screensOf({ output }: CommandFrame): Promise<Screens> {
  const screens = await loadScreens(SCREENS_FOLDER);
  if (!screens) output.note(NOT_BUILT);
  return screens ?? screensThatSay(NOT_BUILT);
}

/** Whether the running instance has a window, which has been shown. */
async function hasShown(client: InstanceClient, options: ServeOptions, frame: CommandFrame): Promise<boolean> {
  const { shown, url } = await client.calls.app.show({});
  if (url === undefined && !shown) {
    frame.output.note(
      `A terminal runs Flotilla on this data directory (process ${client.peer.pid}); showing that one.`,
    );
    return false;
  }
  frame.output.note(`Joined the running instance ${client.peer.pid}.`);
  if (url !== undefined) await sayReady(url, options, frame);
  else frame.output.note('Its window was brought to the front.');
  return true;
}

async function sayReady(url: string, options: ServeOptions, frame: CommandFrame): Promise<void> {
  const { output } = frame;
  output.line('serve.ready', { url });
  output.text(
    `The screens are at ${url}\nThe address lets one browser in, once; "${frame.typed('serve')}" prints another.`,
  );
  if (options.open !== true) return;
  await openAddress(url, systemClock).catch((error: Error) => output.note(error.message));
}

/** As `run` does: cleanly, and what is done is kept. Answers how many there were. */
async function stopRuns(client: InstanceClient, { output }: CommandFrame): Promise<number> {
  const { runs } = await client.calls.runs.list({});
  const live = runs.filter(({ state }) => !isFinalRunState(state));
  if (live.length === 0) return 0;
  output.note('Stopping cleanly; what is done is kept. Press Ctrl-C again to stop at once.');
  await client.calls.runs.stopAll({});
  return live.length;
}
