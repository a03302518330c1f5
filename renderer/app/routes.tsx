import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import type { useShownPage } from './pages/use-shown-page.ts';

/** The page of the window's address, or why it did not come. */
export function Routes({ page }: { readonly page: ReturnType<typeof useShownPage> }) {
  if (page.kind === 'none') return null;
  if (page.kind === 'shown') return page.show(page.parts);
  return (
    <Notice
      role="alert"
      title="This page did not come"
      actions={
        <>
          <Button tone="primary" onClick={page.retry}>
            Try again
          </Button>
          <Button onClick={() => location.reload()}>Reload the window</Button>
        </>
      }
    >
      Its part of the program could not be fetched: Flotilla does not answer, or was updated since this window was
      opened. If it does not come when Flotilla answers, reload the window. Runs are not touched, and pages that have
      come go on working.
    </Notice>
  );
}
