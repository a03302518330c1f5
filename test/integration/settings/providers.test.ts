import { expect, test } from 'vitest';
import { threadObservations } from './observed/threads.ts';

test.each(Object.entries({ ...threadObservations }))('%s changes what a running control plane does', async (_key, observe) => {
  await expect(observe()).resolves.toBeUndefined();
}, 15_000);
