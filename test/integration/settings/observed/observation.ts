import type { SettingKey } from '../../../../shared/settings/settings.ts';

/**
 * Changes a setting of a control plane that runs and asserts what became different of what it limits: threads, starts, bytes,
 * refusals, never the number that is stored.
 */
export type Observation = () => Promise<void>;

/** An observation of every setting whose key begins with `Prefix`; one that is missing does not compile. */
export type Observations<Prefix extends string> = {
  readonly [Key in Extract<SettingKey, `${Prefix}.${string}`>]: Observation;
};
