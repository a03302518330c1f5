import { x } from '../../rpc/queries.ts';
export const y = x;
