import { app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { closeChromium } from './chromium.ts';
import { answerTests } from './control.ts';
import { ipcMain } from './ipc.ts';
import { MessageChannelMain, MessagePortMain } from './ports.ts';
import { protocol, session } from './session.ts';
import * as system from './system-parts.ts';
import { utilityProcess } from './utility-process.ts';

app.onExit = closeChromium;
answerTests({ app, BrowserWindow, ipcMain, MessageChannelMain, protocol, session, utilityProcess, ...system });

export * from './system-parts.ts';
export { app, BrowserWindow, ipcMain, MessageChannelMain, MessagePortMain, protocol, session, utilityProcess };
