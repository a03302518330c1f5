import { EventEmitter } from 'node:events';
import type { Route } from 'playwright-core';
import type Electron from 'electron';
import { fromChromiumUrl, schemes } from './chromium.ts';

type Handler = (request: Request) => Response | Promise<Response>;
type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  answer: (response: Electron.CallbackResponse) => void,
) => void;

export class StandInSession extends EventEmitter {
  readonly handlers = new Map<string, Handler>();
  #beforeRequest: BeforeRequest | undefined;
  permissionRequest: Parameters<Electron.Session['setPermissionRequestHandler']>[0] = null;
  permissionCheck: Parameters<Electron.Session['setPermissionCheckHandler']>[0] = null;

  readonly protocol = {
    handle: (scheme: string, handler: Handler): void => void this.handlers.set(scheme, handler),
  };
  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest): void => void (this.#beforeRequest = listener),
  };

  setPermissionRequestHandler(handler: typeof this.permissionRequest): void {
    this.permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: typeof this.permissionCheck): void {
    this.permissionCheck = handler;
  }
  setDevicePermissionHandler(): void {}

  /** Answers a request of the page as Electron would: first who may refuse it, then its scheme's handler. */
  async answer(route: Route): Promise<void> {
    const request = route.request();
    const url = fromChromiumUrl(request.url());
    if (await this.#isRefused(url)) return await route.abort('blockedbyclient');
    const handler = this.handlers.get(new URL(url).protocol.slice(0, -1));
    if (!handler) return await route.abort('failed');
    const response = await handler(new Request(url, { method: request.method() }));
    const body = Buffer.from(await response.arrayBuffer());
    await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
  }

  async #isRefused(url: string): Promise<boolean> {
    const listener = this.#beforeRequest;
    if (!listener) return false;
    const answer = await new Promise<Electron.CallbackResponse>((resolve) => {
      listener({ url } as Electron.OnBeforeRequestListenerDetails, resolve);
    });
    return answer.cancel === true;
  }
}

/** Electron's `session`, of which there is one. */
export const session = { defaultSession: new StandInSession() };

/** Electron's `protocol`. */
export const protocol = {
  registerSchemesAsPrivileged(customSchemes: readonly Electron.CustomScheme[]): void {
    for (const { scheme } of customSchemes) schemes.add(scheme);
  },
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged'>;
