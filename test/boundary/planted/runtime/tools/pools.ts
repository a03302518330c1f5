import { Piscina } from 'piscina';
export const planted = Piscina;
