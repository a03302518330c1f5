import { useRef, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { Dialog } from '../../../ui/overlays/dialog.tsx';
import { useIsAway } from '../../../ui/use-away.ts';

interface KeyDialogProps {
  readonly name: string;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  /** Whether it is kept now; the dialog stays open when not. */
  readonly onKeep: (key: string) => Promise<boolean>;
}

/** Takes a key once and forgets it: it is shown nowhere again. */
export function KeyDialog({ name, isOpen, isBusy, onOpenChange, onKeep }: KeyDialogProps) {
  const [key, setKey] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const isAway = useIsAway();
  const close = (): void => {
    setKey('');
    onOpenChange(false);
  };
  const keep = async (): Promise<void> => {
    if (key.trim() !== '' && !isBusy && !isAway && (await onKeep(key.trim()))) close();
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(open) => (open ? onOpenChange(true) : close())}
      title={`Key of ${name}`}
      description="It goes to the operating system's keychain. Runs that start from now on use it; this window never shows it again."
      size="small"
      initialFocus={field}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <CommandButton tone="primary" isBusy={isBusy} disabled={key.trim() === ''} onClick={() => void keep()}>
            Keep key
          </CommandButton>
        </>
      }
    >
      <TextField
        label="Key"
        type="password"
        isMono
        value={key}
        maxLength={4_096}
        inputRef={field}
        onChange={setKey}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void keep();
        }}
      />
    </Dialog>
  );
}
