import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { after } from '../../rpc/timers.ts';
import { Button } from '../button.tsx';
import { type ShownToast, toastStore } from './toast-store.ts';
import styles from './toast-area.module.css';

/** Long enough to read two lines twice; errors stay until they are taken away. */
const SHOWN_MS = 6_000;

/**
 * Where toasts stand: a place of their own beside the pages, so that none covers what it speaks of. They wait while the
 * pointer or the focus is on them.
 */
export function ToastArea() {
  const toasts = useStore(toastStore, (store) => store.toasts);
  const [isHeld, setHeld] = useState(false);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- reading holds the timers, nothing is operated
    <section
      className={styles['area']}
      aria-label="Notices"
      aria-live="polite"
      aria-relevant="additions"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} isHeld={isHeld} />
      ))}
    </section>
  );
}

function ToastCard({ toast, isHeld }: { readonly toast: ShownToast; readonly isHeld: boolean }) {
  const dismiss = useStore(toastStore, (store) => store.dismiss);
  const { id, tone = 'idle', title, text, action } = toast;
  const stays = tone === 'bad' || isHeld;
  useEffect(() => {
    if (stays) return undefined;
    const timer = after(SHOWN_MS, () => dismiss(id));
    return () => timer[Symbol.dispose]();
  }, [dismiss, id, stays]);
  return (
    <div className={styles['toast']} data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <div className={styles['head']}>
        <strong>{title}</strong>
        <button type="button" className={styles['close']} aria-label={`Dismiss: ${title}`} onClick={() => dismiss(id)}>
          <X aria-hidden="true" />
        </button>
      </div>
      {text === undefined ? null : <div className={styles['text']}>{text}</div>}
      {action === undefined ? null : (
        <Button
          size="small"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
    </div>
  );
}
