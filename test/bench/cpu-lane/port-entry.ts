import { parentPort } from 'node:worker_threads';
import { runGroup, type Group } from './plain-tasks.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, not a window
parentPort!.on('message', (group: Group) => parentPort!.postMessage(runGroup(group)));
