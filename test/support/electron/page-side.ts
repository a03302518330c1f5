/** The isolated world's binding, by which it calls the stand-in. */
export const CALL = '__standInCall';
/** The isolated world's function, by which the stand-in calls it. */
export const HEAR = '__standInHear';
/** The world in which preload scripts live, away from the page's own. */
export const WORLD = 'Electron Isolated Context';

/** What the page says to the stand-in. */
export type PageCall =
  | { readonly kind: 'send'; readonly channel: string; readonly text: string }
  | { readonly kind: 'port'; readonly port: number; readonly text: string }
  | { readonly kind: 'port-closed'; readonly port: number }
  | { readonly kind: 'webview'; readonly src: string };

/** What the stand-in says to the page. */
export type PageWord =
  | { readonly kind: 'message'; readonly channel: string; readonly text: string; readonly ports: readonly number[] }
  | { readonly kind: 'port'; readonly port: number; readonly text: string }
  | { readonly kind: 'port-closed'; readonly port: number };

/** Tells of each `<webview>` that the page puts up; run before a preload script, in its world, where pages may have them. */
export const WEBVIEW_SCRIPT = `(() => {
  const call = globalThis.${CALL};
  new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes)
        if (node.localName === 'webview') call(JSON.stringify({ kind: 'webview', src: node.getAttribute('src') ?? '' }));
  }).observe(document, { childList: true, subtree: true });
})();`;

/**
 * Runs a preload script in the isolated world of each document, as Electron does: with a `require` that knows `electron`
 * alone, and of that only what a sandboxed preload script has.
 */
export function isolatedScript(preload: string): string {
  return `(() => {
    const MARK = '\\uE000bytes:';
    const call = globalThis.${CALL};
    delete globalThis.${CALL};
    const say = (word) => call(JSON.stringify(word));
    const toText = (value) => {
      const bytes = [];
      const text = JSON.stringify({ value }, (_key, item) => {
        if (!(item instanceof Uint8Array)) return item;
        bytes.push(item.toBase64());
        return MARK + (bytes.length - 1);
      });
      return JSON.stringify([text, bytes]);
    };
    const fromText = (whole) => {
      const [inner, bytes] = JSON.parse(whole);
      return JSON.parse(inner, (_key, item) =>
        typeof item === 'string' && item.startsWith(MARK) ? Uint8Array.fromBase64(bytes[Number(item.slice(MARK.length))]) : item,
      ).value;
    };
    const listeners = new Map();
    const ports = new Map();
    const bridge = (id) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => say({ kind: 'port', port: id, text: toText(data) });
      port1.addEventListener('close', () => {
        if (ports.delete(id)) say({ kind: 'port-closed', port: id });
      });
      ports.set(id, port1);
      return port2;
    };
    Object.defineProperty(globalThis, '${HEAR}', {
      value: (word) => {
        if (word.kind === 'port') ports.get(word.port)?.postMessage(fromText(word.text));
        if (word.kind === 'port-closed') {
          const port = ports.get(word.port);
          ports.delete(word.port);
          port?.close();
        }
        if (word.kind !== 'message') return;
        const event = { sender: ipcRenderer, ports: word.ports.map(bridge) };
        for (const listener of listeners.get(word.channel) ?? []) listener(event, fromText(word.text));
      },
    });
    const ipcRenderer = {
      send: (channel, ...args) => say({ kind: 'send', channel, text: toText(args) }),
      on(channel, listener) {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
        return ipcRenderer;
      },
    };
    const contextBridge = {
      exposeInMainWorld() {
        throw new Error('The stand-in exposes nothing: this program hands over a port.');
      },
    };
    const require = (name) => {
      if (name !== 'electron') throw new Error('module not found: ' + name);
      return { ipcRenderer, contextBridge };
    };
    const module = { exports: {} };
    ((require, module, exports) => {${preload}
    })(require, module, module.exports);
  })();`;
}
