import { planted } from './not-there.ts';
export const used = planted;
