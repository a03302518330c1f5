import { expect, test, vi } from 'vitest';
import { openConnection } from '../../../../renderer/rpc/connection.ts';
import { sendCommand } from '../../../../renderer/rpc/send-command.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createFakeHost } from './fake-host.ts';

test('a command waits for the first connection, but is refused at once after a loss: it must not happen later', async () => {
  await using host = createFakeHost({ app: { setPreferences: (wanted) => wanted } });
  using connection = openConnection(host.openTransport);
  const send = () => sendCommand(connection, ({ calls }, how) => calls.app.setPreferences({ theme: 'light' }, how));
  await expect(send()).resolves.toEqual({ theme: 'light' });
  host.down = new AppError('INSTANCE_UNREACHABLE', 'Down.');
  host.cut();
  await vi.waitFor(() => expect(connection.state.kind).toBe('lost'));
  await expect(send()).rejects.toMatchObject({ code: 'INSTANCE_UNREACHABLE', message: /nothing was done/ });
});

test('a command whose connection broke before its answer is applied once and still answered', async () => {
  const answer = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  let applied = 0;
  await using host = createFakeHost({
    app: {
      async setPreferences(wanted) {
        applied++;
        arrived.resolve();
        await answer.promise;
        return wanted;
      },
    },
  });
  using connection = openConnection(host.openTransport);
  const sent = sendCommand(connection, ({ calls }, how) => calls.app.setPreferences({ theme: 'dark' }, how));
  await arrived.promise;
  host.cut();
  await vi.waitFor(() => expect(host.openedCount).toBe(2));
  answer.resolve();
  await expect(sent).resolves.toEqual({ theme: 'dark' });
  expect(applied).toBe(1);
});

test('another host that comes back is not asked again: it does not know the command', async () => {
  const arrived = Promise.withResolvers<void>();
  await using first = createFakeHost({
    app: {
      setPreferences: () => {
        arrived.resolve();
        return new Promise(() => undefined);
      },
    },
  });
  await using second = createFakeHost({ app: { setPreferences: (wanted) => wanted } }, { pid: 1 });
  let current = first;
  using connection = openConnection(() => current.openTransport());
  const sent = sendCommand(connection, ({ calls }, how) => calls.app.setPreferences({ theme: 'dark' }, how));
  await arrived.promise;
  current = second;
  first.cut();
  await expect(sent).rejects.toMatchObject({ code: 'INSTANCE_UNREACHABLE', message: /look before you repeat/ });
});
