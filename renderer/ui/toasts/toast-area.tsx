import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Action } from '../actions/action.ts';
import { useActions } from '../actions/use-actions.ts';
import { Button } from '../button.tsx';
import { Lifetime, shownMs } from './lifetime.ts';
import { type ShownToast, toastStore } from './toast-store.ts';
import styles from './toast-area.module.css';

/**
 * Where toasts stand: a place of their own beside the pages, so that none covers what it speaks of. All wait while the pointer or
 * the focus is on one of them.
 */
export function ToastArea() {
  const toasts = useStore(toastStore, (store) => store.toasts);
  const dismissAll = useStore(toastStore, (store) => store.dismissAll);
  const [held, setHeld] = useState<Held>({});
  const area = useRef<HTMLElement>(null);
  // One that is gone holds nothing: its pointer and its focus do not say that they left.
  const isHeld = toasts.some(({ id }) => id === held.pointer || id === held.focus);
  const all: Action = {
    id: 'window.dismiss',
    title: 'Dismiss all notices',
    group: 'Window',
    keys: 'x',
    words: ['close', 'toasts', 'errors'],
    run: () => {
      if (area.current?.contains(document.activeElement) === true) focusPage();
      dismissAll();
    },
  };
  useActions(toasts.length === 0 ? [] : [all]);
  return (
    <section ref={area} className={styles['area']} aria-label="Notices" aria-live="polite" aria-relevant="additions">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} isHeld={isHeld} onHold={setHeld} />
      ))}
    </section>
  );
}

/** The toasts that the pointer and the focus are on. */
interface Held {
  readonly pointer?: number | undefined;
  readonly focus?: number | undefined;
}

interface ToastCardProps {
  readonly toast: ShownToast;
  readonly isHeld: boolean;
  readonly onHold: (change: (held: Held) => Held) => void;
}

function ToastCard({ toast, isHeld, onHold }: ToastCardProps) {
  const dismiss = useStore(toastStore, (store) => store.dismiss);
  const { id, tone = 'idle', title, text, action } = toast;
  const [lifetime] = useState(() => new Lifetime(shownMs(tone)));
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isHeld) return undefined;
    const running = lifetime.run(() => dismiss(id));
    return () => running[Symbol.dispose]();
  }, [dismiss, id, isHeld, lifetime]);
  const leave = (isByKey: boolean): void => {
    const next = card.current?.nextElementSibling ?? card.current?.previousElementSibling;
    // The next key must not begin at the top of the window; a pointer takes no focus to a toast, which would hold it.
    if (isByKey && next instanceof HTMLElement) next.querySelector('button')?.focus();
    else focusPage();
    dismiss(id);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- reading holds the time, Escape is for what is inside
    <div
      ref={card}
      className={styles['toast']}
      data-tone={tone}
      role={tone === 'bad' ? 'alert' : undefined}
      onPointerEnter={() => onHold((held) => ({ ...held, pointer: id }))}
      onPointerLeave={() => onHold((held) => ({ ...held, pointer: undefined }))}
      onFocus={() => onHold((held) => ({ ...held, focus: id }))}
      onBlur={() => onHold((held) => ({ ...held, focus: undefined }))}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        leave(true);
      }}
    >
      <div className={styles['head']}>
        <strong>{title}</strong>
        <button
          type="button"
          className={styles['close']}
          aria-label={`Dismiss: ${title}`}
          onClick={({ detail }) => leave(detail === 0)}
        >
          <X aria-hidden="true" />
        </button>
      </div>
      {text === undefined ? null : <div className={styles['text']}>{text}</div>}
      {action === undefined ? null : (
        <Button
          size="small"
          onClick={() => {
            leave(false);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
    </div>
  );
}

function focusPage(): void {
  document.querySelector('main')?.focus({ preventScroll: true });
}
