import { threadPort } from '../../../runtime/workers/thread-port.ts';

const port = threadPort();

port.onMessage((message) => {
  if (message === 'throw') throw new Error('thrown in the thread');
  if (message === 'exit') process.exit(3);
  if (message === 'close') return port.close();
  if (message === 'spin') for (;;);
  port.post({ data: port.data, message });
});

port.onClose(async () => {
  await Promise.resolve();
  port.post('closing');
});
