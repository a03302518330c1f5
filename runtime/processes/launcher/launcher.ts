import { Socket } from 'node:net';
import { systemClock } from '../../time/clock.ts';
import { CHANNEL_FD, type LauncherConfig } from './launcher-order.ts';
import { serveLauncher } from './launcher-serving.ts';

/**
 * The launcher process: small, so that its forks are cheap. It lives as long as its channel to main: when main closes
 * it or dies, every tree is stopped and the launcher ends.
 */
const config = JSON.parse(process.argv[2] ?? '{}') as LauncherConfig;
const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
process.title = 'flotilla-launcher';
await serveLauncher(channel, config, systemClock);
process.exit(0);
