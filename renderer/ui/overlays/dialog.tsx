import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import styles from './overlays.module.css';

interface DialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** Buttons, the one that goes on last. */
  readonly footer?: ReactNode;
  readonly size?: 'small' | 'medium' | 'large';
  /** Takes the focus at first; else the first control does. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  readonly children?: ReactNode;
}

/** A question or a task that holds everything else back. Escape closes it; the focus goes back where it came from. */
export function Dialog({
  isOpen,
  onOpenChange,
  title,
  description,
  footer,
  size = 'medium',
  initialFocus,
  children,
}: DialogProps) {
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => onOpenChange(open)}>
      <Base.Portal>
        <Base.Backdrop className={styles['backdrop']} />
        <Base.Popup className={styles['dialog']} aria-modal="true" data-size={size} initialFocus={initialFocus}>
          <header className={styles['dialogHead']}>
            <Base.Title className={styles['dialogTitle']}>{title}</Base.Title>
            <Base.Close className={styles['close']} aria-label="Close">
              <X aria-hidden="true" />
            </Base.Close>
          </header>
          {description === undefined ? null : (
            <Base.Description className={styles['description']}>{description}</Base.Description>
          )}
          {children === undefined ? null : <div className={styles['body']}>{children}</div>}
          {footer === undefined ? null : <footer className={styles['dialogFoot']}>{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
