import { expect, test } from 'vitest';
import { gcObservations } from './observed/gc.ts';

test.each(Object.entries(gcObservations))(
  '%s changes what the tuner does to running worker threads',
  async (_key, observe) => {
    await expect(observe()).resolves.toBeUndefined();
  },
  60_000,
);
