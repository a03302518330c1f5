#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';

// Later starts take the compiled code of the first from the user's own cache folder.
enableCompileCache(join(envPaths('flotilla', { suffix: '' }).cache, 'compiled'));
const { runProgram } = await import('./commands/program.ts');
process.exit(await runProgram(process.argv.slice(2)));
