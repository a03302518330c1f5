import { planted } from '../main/history/innocent.ts';
export const used = planted;
