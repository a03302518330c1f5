// `npm run electron`: tries once more to fetch the desktop's program, which a start tries only once a week.
import process from 'node:process';
import { fetchElectron, findElectron, MODULES } from './electron-binary.ts';

/** Asked for outright, it may take as long as a slow line needs. */
const LIMIT_MS = 5 * 60_000;

if (findElectron(MODULES) === undefined) {
  process.stderr.write('Fetching Electron …\n');
  const reason = await fetchElectron(MODULES, LIMIT_MS);
  if (reason === undefined) process.stderr.write('Electron is here; "npm start" opens the desktop window.\n');
  else {
    const way = 'Check the network, or set ELECTRON_MIRROR to a mirror of its releases, and run this again.';
    process.stderr.write(`Electron could not be fetched: ${reason}. ${way}\n`);
    process.exitCode = 4;
  }
} else process.stderr.write('Electron is here already.\n');
