import { expect, test } from 'vitest';
import { providerPlaceObservations } from './observed/provider-places.ts';

test.each(Object.entries({ ...providerPlaceObservations }))('%s changes what a running control plane does', async (_key, observe) => {
  await expect(observe()).resolves.toBeUndefined();
});
