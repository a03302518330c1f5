import { useReach } from '../rpc/host-context.tsx';

/** Whether the host is out of reach, so that nothing can be asked of it now. */
export function useIsAway(): boolean {
  return useReach() === 'away';
}
