import { EventEmitter } from 'node:events';

/** Electron's `ipcMain`: what the preload scripts of all windows send. */
export const ipcMain = new EventEmitter();
