import { AppError } from '../../shared/errors/app-error.ts';
import type { SpillStore } from '../../runtime/cache/named/spill-store.ts';
import type { SpillOrder, SpillReply } from './writer/writer-messages.ts';

/** A store of contexts on this side of the writer's thread, and what it is told by it. */
export interface SpillOrders {
  readonly store: SpillStore;
  /** Takes an answer of the thread. */
  hear(reply: SpillReply): void;
  /** The thread is gone: what waits is refused, and what comes. */
  lose(error: AppError): void;
}

/** Hands contexts to the writer's thread one message each; it answers in the order in which it was asked. */
export function createSpillOrders(post: (order: SpillOrder) => void): SpillOrders {
  const open = new Map<number, PromiseWithResolvers<string | undefined>>();
  let lastId = 0;
  let lost: AppError | undefined;
  const ask = (order: { readonly do: 'save' | 'load'; readonly session: string; readonly content?: string }) => {
    if (lost !== undefined) return Promise.reject(lost);
    const asked = Promise.withResolvers<string | undefined>();
    open.set(++lastId, asked);
    post({ kind: 'spill', id: lastId, ...order });
    return asked.promise;
  };
  return {
    store: {
      save: async (session, content) => void (await ask({ do: 'save', session, content })),
      load: (session) => ask({ do: 'load', session }),
      drop: (session) => {
        if (lost === undefined) post({ kind: 'spill', id: 0, do: 'drop', session });
      },
    },
    hear({ id, content, error }) {
      const asked = open.get(id);
      open.delete(id);
      if (error !== undefined) asked?.reject(AppError.fromData(error));
      else asked?.resolve(content);
    },
    lose(error) {
      lost = error;
      for (const asked of open.values()) asked.reject(error);
      open.clear();
    },
  };
}
