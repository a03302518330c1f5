import { systemClock } from '../../time/clock.ts';
import { openLauncherChannel } from './launcher-channel.ts';
import type { LauncherConfig } from './launcher-order.ts';
import { serveLauncher } from './launcher-serving.ts';

/**
 * The launcher process: small, so that its forks are cheap. It lives as long as its channel to main: when main closes
 * it or dies, every tree is stopped and the launcher ends.
 */
const config = JSON.parse(process.argv[2] ?? '{}') as LauncherConfig;
const channel = openLauncherChannel();
process.title = 'flotilla-launcher';
await serveLauncher(channel, config, systemClock);
process.exit(0);
