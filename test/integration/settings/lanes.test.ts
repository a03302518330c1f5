import { expect, test } from 'vitest';
import { ioObservations, processLaneObservations } from './observed/lanes.ts';

test.each(Object.entries({ ...ioObservations, ...processLaneObservations }))(
  '%s changes what a running control plane does',
  async (_key, observe) => {
    await expect(observe()).resolves.toBeUndefined();
  },
);
