import type { Preferences } from '../../shared/contract/app.ts';

/** Keeps secrets with the operating system; the desktop has one, `serve` and `run` have none. */
export interface Keychain {
  /** @throws {AppError} KEYCHAIN_UNAVAILABLE */
  encrypt(text: string): Promise<Uint8Array>;
  /** @throws {AppError} KEYCHAIN_UNAVAILABLE when it was encrypted by another user or machine. */
  decrypt(secret: Uint8Array): Promise<string>;
}

/** Where an instance runs, as far as the contract's handlers care. */
export interface Host {
  readonly kind: 'desktop' | 'serve' | 'terminal';
  readonly keychain?: Keychain;
  /** Brings its window to the front, or answers an address at which it can be opened; neither where there is no window. */
  show(): Promise<{ readonly shown: boolean; readonly url?: string }>;
  /** Told what a person has chosen for the window, once it is kept. */
  onPreferences?(chosen: Preferences): void;
}

/** An instance without a window: the command line's own. */
export const terminalHost: Host = { kind: 'terminal', show: async () => ({ shown: false }) };
