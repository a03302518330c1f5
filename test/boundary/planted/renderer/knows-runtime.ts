import { used } from '../runtime/knows-main.ts';
export const shown = used;
