import { useRef } from 'react';
import { useLocation } from 'wouter';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { pathTo } from '../../app/path-to.ts';
import { useHostCommand } from '../../rpc/queries.ts';

/** Puts a chosen file on the list and opens it; answers why that could not be done. */
export function useOpening(): (path: string) => Promise<AppError | undefined> {
  const [, navigate] = useLocation();
  const refusal = useRef<AppError>(undefined);
  const add = useHostCommand((host, path: string, how) => host.calls.fleets.add({ path }, how), {
    changes: ['fleets'],
    onError: (error) => {
      refusal.current = error;
    },
  });
  return async (path) => {
    if (!(await add.run(path))) return refusal.current;
    navigate(pathTo.fleet(path));
    return undefined;
  };
}
