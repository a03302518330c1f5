import { join, parse } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { findStartFolder, toStartFolder } from '../../../main/app/start-folder.ts';

const root = parse(process.cwd()).root;
const home = join(root, 'home', 'ada');
const program = join(root, 'opt', 'flotilla', 'flotilla');

test('file dialogs begin where the program was started', () => {
  expect(findStartFolder()).toBe(process.cwd());
  expect(toStartFolder({ cwd: join(home, 'fleets'), home, program })).toBe(join(home, 'fleets'));
  expect(toStartFolder({ cwd: join(root, 'opt'), home, program })).toBe(join(root, 'opt'));
});

test('a program started by its icon begins at home: at the root of the disk, beside the program, or where nothing is left', () => {
  for (const cwd of [root, join(root, 'opt', 'flotilla'), undefined])
    expect(toStartFolder({ cwd, home, program })).toBe(home);
});
