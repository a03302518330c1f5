// Claims the data directory of its argument, says whether it got it, and keeps it until its standard input ends.
import { claimInstance } from '../../../main/instance/claim-instance.ts';

const owned = await claimInstance(process.argv[2] as string);
process.stdout.write(owned ? 'owned\n' : 'taken\n');
if (owned) {
  await owned.listen({ version: '1', startedAtMs: Date.now(), onConnection: (socket) => socket.destroy() });
  process.stdout.write('listening\n');
  for await (const _ of process.stdin);
  await owned[Symbol.asyncDispose]();
}
