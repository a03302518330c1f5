import { expect, test } from 'vitest';
import { observeCommandSwitch, observeModelSwitch, observeToolSwitch } from './observed/switches.ts';

test.each([observeModelSwitch, observeCommandSwitch, observeToolSwitch])(
  '%s',
  async (observe) => {
    await expect(observe()).resolves.toBeUndefined();
  },
  15_000,
);
