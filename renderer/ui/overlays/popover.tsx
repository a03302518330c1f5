import { Popover as Base } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';
import styles from './overlays.module.css';

interface PopoverProps {
  /** A button. */
  readonly trigger: ReactElement;
  readonly title: ReactNode;
  readonly align?: 'start' | 'center' | 'end';
  readonly children?: ReactNode;
}

/** More about what its button shows, beside it; the rest of the window stays usable. */
export function Popover({ trigger, title, align = 'end', children }: PopoverProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles['positioner']} sideOffset={6} align={align}>
          <Base.Popup className={styles['popover']}>
            <Base.Title className={styles['popoverTitle']}>{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
