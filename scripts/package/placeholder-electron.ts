import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How Electron marks the place of its fuses: this text, the version 1, their number, a character each. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = '101110011';

const STUB = `#!/bin/sh
echo "This directory was made without Electron: it is for checks, and not for use." >&2
exit 1
`;

/** Makes a folder of the form of an Electron distribution for Linux, so that packaging can be checked without one. */
export function makePlaceholderElectron(folder: string, version: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'resources'), { recursive: true });
  const wire = Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.from([1, FUSES.length]), Buffer.from(FUSES)]);
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.from(STUB), wire, Buffer.from('\n')]));
  chmodSync(join(folder, 'electron'), 0o755);
  writeFileSync(join(folder, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) writeFileSync(join(folder, name), 'A placeholder.\n');
}
