#!/usr/bin/env node
// The screens on loopback and nothing else: `flotilla serve` for whoever starts a program and not a command.
import process from 'node:process';
import { runProgram } from './commands/program.ts';

process.exit(await runProgram(['serve', ...process.argv.slice(2)]));
