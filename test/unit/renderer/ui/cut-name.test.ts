import { expect, test } from 'vitest';
import { splitName } from '../../../../renderer/ui/cut-name-model.ts';

test.each([
  ['agent-with-a-long-name-17', '-17'],
  ['survey12345', '12345'],
  ['sum-up-the-report', 'report'],
  ['reviewer#7', 'reviewer#7'],
  ['build-20261121164512345', '261121164512345'.slice(-12)],
  ['größe-der-flotte-８', '-８'],
  ['🛠️🛠️🛠️🛠️🛠️-werkzeug', 'rkzeug'],
])('of %s the end stays: %s', (name, tail) => {
  expect(splitName(name)[1]).toBe(tail);
  expect(splitName(name).join('')).toBe(name);
});
