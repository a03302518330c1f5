import { planted } from '../scripts/tool.ts';
export const used = planted;
