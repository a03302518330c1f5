import { registerHooks } from 'node:module';

/** `node --import …/register.ts main/desktop.ts`: what Electron is to the program, this stand-in is under Node. */
const STAND_IN = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    return specifier === 'electron'
      ? { url: STAND_IN, shortCircuit: true, format: 'module-typescript' }
      : next(specifier, context);
  },
});
