// What `flotilla serve` is preceded by in a checkout: the screens, when they are missing or old.
import process from 'node:process';
import { buildRenderer } from './build-renderer.ts';

try {
  await buildRenderer();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 4;
}
