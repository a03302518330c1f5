import { app } from 'electron';
import { readDesktopStart } from './boot/desktop-start.ts';
import { registerPageScheme } from './desktop/page-protocol.ts';
import { runDesktop } from './desktop/run-desktop.ts';

// Nothing here is awaited: Electron is ready only after this module was evaluated.
registerPageScheme();
try {
  const start = readDesktopStart(process.argv, process.env);
  app.setPath('userData', start.profileDir);
  // Told to the first start on this data directory, which comes to the front.
  if (app.requestSingleInstanceLock()) void runDesktop(start);
  else app.exit(0);
} catch (error) {
  process.stderr.write(`Flotilla could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  app.exit(1);
}
