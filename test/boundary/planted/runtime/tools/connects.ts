import { request } from 'undici';
export const planted = request;
