import { useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/overlays/dialog.tsx';
import styles from './editor-page.module.css';
import type { FleetFileDesk } from './use-fleet-file.ts';

/** Somebody else changed the file: nobody's work is lost unseen. */
export function ConflictDialog({ desk }: { readonly desk: FleetFileDesk }) {
  const { conflict, overwrite, keepEditing, isSaving } = desk;
  const [isShown, setShown] = useState(false);
  return (
    <Dialog
      isOpen={conflict !== undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) keepEditing();
      }}
      title="The file has changed on disk"
      description="It is not as it was when you opened it. Your text is still here and nothing was written."
      size={isShown ? 'large' : 'medium'}
      footer={
        <>
          <Button disabled={!conflict?.onDisk} onClick={() => setShown(!isShown)}>
            {isShown ? 'Hide what is on disk' : 'See what is on disk'}
          </Button>
          <Button tone="danger" disabled={!conflict?.onDisk} isBusy={isSaving} onClick={overwrite}>
            Overwrite it
          </Button>
          <Button tone="primary" onClick={keepEditing}>
            Keep editing
          </Button>
        </>
      }
    >
      {isShown && conflict?.onDisk ? (
        // A long text is read by scrolling, also with the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className={styles['onDisk']} tabIndex={0} aria-label="What is on disk">
          {conflict.onDisk.text}
        </pre>
      ) : null}
    </Dialog>
  );
}
