#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';

// Later starts take the compiled code of the first from the user's own cache folder. The variable carries it to threads and
// to our own helper processes: each would load the type stripper otherwise, about 20 MB.
const compileCache = join(envPaths('flotilla', { suffix: '' }).cache, 'compiled');
enableCompileCache(compileCache);
process.env['NODE_COMPILE_CACHE'] ??= compileCache;
const { runProgram } = await import('./commands/program.ts');
process.exit(await runProgram(process.argv.slice(2)));
