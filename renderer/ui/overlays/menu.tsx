import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { useIsAway } from '../use-away.ts';
import { AWAY } from '../command-button.tsx';
import { Kbd } from '../kbd.tsx';
import styles from './overlays.module.css';

/** One thing a menu offers. */
export interface MenuItem {
  readonly label: string;
  readonly run: () => void;
  readonly icon?: ReactNode;
  readonly tone?: 'plain' | 'danger';
  readonly isDisabled?: boolean;
  /** Tells the host something: while the host is away the item says why it does nothing. */
  readonly isCommand?: boolean;
  /** Shown right of it, as in `useActions`. */
  readonly keys?: string;
}

interface MenuProps {
  /** A button of the kit; the menu opens below it. */
  readonly trigger: ReactElement;
  readonly items: readonly (MenuItem | 'separator')[];
  readonly align?: 'start' | 'center' | 'end';
  /** For a menu that is made when its button was pressed. */
  readonly isOpenAtFirst?: boolean;
}

/** A list of things to do behind a button. */
export function Menu({ trigger, items, align = 'end', isOpenAtFirst = false }: MenuProps) {
  const isAway = useIsAway();
  return (
    <Base.Root modal={false} defaultOpen={isOpenAtFirst}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles['positioner']} sideOffset={4} align={align}>
          <Base.Popup className={styles['menu']}>
            {items.map((item, index) =>
              item === 'separator' ? (
                // oxlint-disable-next-line react/no-array-index-key -- a separator is its place
                <Base.Separator key={`separator ${index}`} className={styles['separator']} />
              ) : (
                <Base.Item
                  key={item.label}
                  className={styles['item']}
                  data-tone={item.tone}
                  disabled={item.isDisabled === true || (item.isCommand === true && isAway)}
                  title={item.isCommand === true && isAway ? AWAY : undefined}
                  onClick={item.run}
                >
                  {item.icon}
                  <span className={styles['itemLabel']}>{item.label}</span>
                  {item.keys === undefined ? null : <Kbd keys={item.keys} />}
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
