import { type ReactNode, useRef } from 'react';
import { Button } from '../button.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  /** A question: `Stop repo-survey?` */
  readonly title: string;
  /** What will have happened afterwards, and what stays: `12 agents end; what they did stays in history.` */
  readonly consequence: ReactNode;
  /** The verb of the title: `Stop run`. */
  readonly confirmLabel: string;
  readonly cancelLabel?: string;
  readonly tone?: 'danger' | 'primary';
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
}

/** Asks before something that cannot be taken back, and names what it does. The focus begins on the way out. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  const { isOpen, onOpenChange, title, consequence, confirmLabel, cancelLabel = 'Cancel', tone = 'danger' } = props;
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={title}
      description={consequence}
      size="small"
      initialFocus={cancel}
      footer={
        <>
          <Button ref={cancel} onClick={() => onOpenChange(false)}>
            {cancelLabel}
          </Button>
          <Button tone={tone === 'danger' ? 'destructive' : 'primary'} isBusy={props.isBusy} onClick={props.onConfirm}>
            {confirmLabel}
          </Button>
        </>
      }
    />
  );
}
