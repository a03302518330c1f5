import { useStore } from 'zustand';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { confirmStore } from './use-confirm.ts';

/** Shows what `useConfirm` asks; stands once in the frame. */
export function ConfirmHost() {
  const { asked, isOpen, settle } = useStore(confirmStore);
  if (!asked) return null;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) settle(false);
      }}
      title={asked.title}
      consequence={asked.consequence}
      confirmLabel={asked.confirmLabel}
      tone={asked.tone}
      onConfirm={() => settle(true)}
    />
  );
}
