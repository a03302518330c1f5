import { ConfirmDialog } from './confirm-dialog.tsx';
import { useConfirmStore } from './use-confirm.ts';

/** Shows what `useConfirm` asks; stands once in the frame. */
export function ConfirmHost() {
  const { asked, isOpen, settle } = useConfirmStore();
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
