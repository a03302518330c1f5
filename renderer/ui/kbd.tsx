import { toKeyCaps } from './actions/hotkey.ts';
import styles from './kbd.module.css';

const IS_APPLE = /Mac|iPhone|iPad/u.test(globalThis.navigator?.platform ?? '');

/** A key or a row of keys as they are pressed: `mod+k` is ⌘K here and Ctrl K elsewhere, `g r` one after the other. */
export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span className={styles['keys']}>
      {toKeyCaps(keys, IS_APPLE).map((cap, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the same key may come twice
        <kbd key={`${cap} ${index}`} className={styles['kbd']}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
