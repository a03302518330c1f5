import { expect, test } from 'vitest';
import { historyObservations } from './observed/history.ts';
import { contextObservations } from './observed/contexts.ts';

test.each(Object.entries({ 'history.maxOutputBytes': historyObservations['history.maxOutputBytes'], ...contextObservations }))('%s changes what a running control plane does', async (_key, observe) => {
  await expect(observe()).resolves.toBeUndefined();
}, 15_000);
