import { useLayoutEffect } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../../app/path-to.ts';
import { valueOf } from '../../../rpc/loaded.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import { EditorDesk } from './editor-desk.tsx';
import { useFleetOfRun } from './use-editor-page.ts';

interface FleetOfRunProps {
  readonly runId: string;
  /** Hears of the name the document was saved under; the address follows. */
  readonly onMoved: (path: string) => void;
}

/** The fleet of a run: its file where there is one, else what the run was launched with, as a text that is not saved. */
export function FleetOfRun({ runId, onMoved }: FleetOfRunProps) {
  const fleet = useFleetOfRun(runId);
  const [, navigate] = useLocation();
  const known = valueOf(fleet);
  const file = known?.kind === 'file' ? known.path : undefined;
  // Of the address on the way nothing is to be come back to.
  useLayoutEffect(() => {
    if (file !== undefined) navigate(pathTo.fleet(file), { replace: true });
  }, [file, navigate]);
  return (
    <LoadedView of={fleet} what="the fleet">
      {(found) => (found.kind === 'file' ? null : <EditorDesk opened={found.opened} onMoved={onMoved} />)}
    </LoadedView>
  );
}
