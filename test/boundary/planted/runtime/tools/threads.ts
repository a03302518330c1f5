import { Worker } from 'node:worker_threads';
export const planted = Worker;
