import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { guardLeaving } from '../../../ui/leave-guard.ts';
import { useConfirm } from '../../../ui/overlays/use-confirm.ts';

/** Ways to another address without a question. */
interface Leaving {
  readonly go: (path: string, how?: { readonly replace: boolean }) => void;
}

/**
 * While something would be lost: asks before another page is shown, and has the browser ask before the page closes. `forget`
 * is called when its user lets the changes go.
 */
export function useLeaving(hasWork: boolean, forget: () => void): Leaving {
  const confirm = useConfirm();
  const [, navigate] = useLocation();
  const meant = useRef<string>(undefined);
  useEffect(() => {
    if (!hasWork) return undefined;
    const guarding = guardLeaving(async (to) => {
      if (to === meant.current) return true;
      const isSure = await confirm({
        title: 'Leave without saving?',
        consequence: 'What you changed since the last save is lost.',
        confirmLabel: 'Leave',
        tone: 'danger',
      });
      if (isSure) forget();
      return isSure;
    });
    const onBeforeUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => {
      guarding[Symbol.dispose]();
      window.removeEventListener('beforeunload', onBeforeUnload);
    };
  }, [hasWork, forget, confirm]);
  return {
    go(path, how) {
      meant.current = path;
      navigate(path, how);
    },
  };
}
