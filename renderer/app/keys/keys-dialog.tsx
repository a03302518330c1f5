import { useStore } from 'zustand';
import { groupActions } from '../../ui/actions/action.ts';
import { actionStore, listActions } from '../../ui/actions/action-store.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import styles from './keys-dialog.module.css';

interface KeysDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** Every key that works now, from the registry the keys themselves are looked up in. */
export function KeysDialog({ isOpen, onOpenChange }: KeysDialogProps) {
  const sets = useStore(actionStore, (store) => store.sets);
  const groups = groupActions(listActions(sets).filter(({ keys }) => keys !== undefined));
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Keys"
      size="large"
      description="Keys of the page you are on are listed with those of the whole window. Tab moves between controls, Escape leaves a dialog."
    >
      <div className={styles['groups']}>
        {groups.map(({ group, actions }) => (
          <section key={group} className={styles['group']} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {actions.map(({ id, title, keys = '' }) => (
                <div key={id} className={styles['key']}>
                  <dt>{title}</dt>
                  <dd>
                    <Kbd keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
