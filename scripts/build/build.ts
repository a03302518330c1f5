// `npm run build`: the screens and the app folder that Electron is started on.
import { buildApp } from './build-app.ts';

try {
  await buildApp();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 4;
}
