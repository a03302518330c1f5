import { openGuardedClient, type GuardedClient } from '../net/guarded-client.ts';
import type { AddressRules } from '../net/guarded-connect.ts';

/** The clients of the `http` tool, one for each set of rules, shared by all runs. */
export interface HttpClients extends AsyncDisposable {
  /** The client that reaches what `rules` allow; opened when it is first asked for. */
  clientFor(rules: AddressRules): GuardedClient;
}

/** Opens the clients of the `http` tool; disposing of them ends what is under way. */
export function openHttpClients(open: (rules: AddressRules) => GuardedClient = openGuardedClient): HttpClients {
  const clients = new Map<string, GuardedClient>();
  return {
    clientFor({ allowLoopback, allowPrivate }) {
      const key = `${allowLoopback} ${allowPrivate}`;
      let client = clients.get(key);
      if (client === undefined) {
        client = open({ allowLoopback, allowPrivate });
        clients.set(key, client);
      }
      return client;
    },
    async [Symbol.asyncDispose]() {
      const all = [...clients.values()];
      clients.clear();
      await Promise.all(all.map((client) => client[Symbol.asyncDispose]()));
    },
  };
}
