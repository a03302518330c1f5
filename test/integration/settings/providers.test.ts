import { expect, test } from 'vitest';
import { breakerObservations } from './observed/breakers.ts';
import { toolObservations } from './observed/agents.ts';

test.each(Object.entries({ ...toolObservations, ...breakerObservations }))('%s changes what a running control plane does', async (_key, observe) => {
  await expect(observe()).resolves.toBeUndefined();
}, 15_000);
