import { useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/overlays/dialog.tsx';
import styles from './editor-page.module.css';
import type { FleetFileDesk } from './use-fleet-file.ts';

const WORDS = {
  changed: {
    title: 'The file has changed on disk',
    text: 'It is not as it was when you opened it. Your text is still here and nothing was written.',
  },
  exists: {
    title: 'There is a file of this name already',
    text: 'Nothing was written. Keep editing to save under another name.',
  },
} as const;

interface ConflictDialogProps {
  readonly desk: Pick<FleetFileDesk, 'conflict' | 'keepEditing' | 'isSaving'>;
  readonly onOverwrite: () => void;
}

/** Another file is in the way: nobody's work is lost unseen. */
export function ConflictDialog({ desk: { conflict, keepEditing, isSaving }, onOverwrite }: ConflictDialogProps) {
  const words = WORDS[conflict?.kind ?? 'changed'];
  const [isShown, setShown] = useState(false);
  return (
    <Dialog
      isOpen={conflict !== undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) keepEditing();
      }}
      title={words.title}
      description={words.text}
      size={isShown ? 'large' : 'medium'}
      footer={
        <>
          <Button disabled={!conflict?.onDisk} onClick={() => setShown(!isShown)}>
            {isShown ? 'Hide what is on disk' : 'See what is on disk'}
          </Button>
          <Button tone="danger" disabled={!conflict?.onDisk} isBusy={isSaving} onClick={onOverwrite}>
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
