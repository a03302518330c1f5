import { EventEmitter } from 'node:events';
import type { Route } from 'playwright-core';
import type Electron from 'electron';
import { fromChromiumUrl, schemes } from './chromium.ts';

type Handler = (request: Request) => Response | Promise<Response>;
type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  answer: (response: Electron.CallbackResponse) => void,
) => void;

/** What a page may ask for, as Electron and as Chromium call it. */
const PERMISSIONS = [
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['clipboard-read', 'clipboard-read'],
  ['midi', 'midi'],
  ['media', 'camera'],
  ['media', 'microphone'],
] as const;

type RequestHandler = NonNullable<Parameters<Electron.Session['setPermissionRequestHandler']>[0]>;
type CheckHandler = NonNullable<Parameters<Electron.Session['setPermissionCheckHandler']>[0]>;
type DeviceHandler = NonNullable<Parameters<Electron.Session['setDevicePermissionHandler']>[0]>;

/** Chromium gives up after twenty; none of ours is redirected on purpose. */
const MAX_REDIRECTS = 5;

type SessionPart = Pick<
  Electron.Session,
  | 'setPermissionRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setDevicePermissionHandler'
  | 'setSpellCheckerEnabled'
  | 'isSpellCheckerEnabled'
>;

class StandInSession extends EventEmitter implements SessionPart {
  readonly handlers = new Map<string, Handler>();
  #beforeRequest: BeforeRequest | undefined;
  #permissionRequest: RequestHandler | null = null;
  #permissionCheck: CheckHandler | null = null;
  #devicePermission: DeviceHandler | null = null;
  #isSpellChecking = true;

  readonly protocol = {
    handle: (scheme: string, handler: Handler): void => void this.handlers.set(scheme, handler),
    unhandle: (scheme: string): void => void this.handlers.delete(scheme),
  };
  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest): void => void (this.#beforeRequest = listener),
  };

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.#permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.#permissionCheck = handler;
  }
  setDevicePermissionHandler(handler: DeviceHandler | null): void {
    this.#devicePermission = handler;
  }

  setSpellCheckerEnabled(enable: boolean): void {
    this.#isSpellChecking = enable;
  }
  isSpellCheckerEnabled(): boolean {
    return this.#isSpellChecking;
  }

  /** Whether a page may use a device that a person has chosen for it: yes, unless the handler says otherwise, as in Electron. */
  mayUseDevice(details: Electron.DevicePermissionHandlerHandlerDetails): boolean {
    return this.#devicePermission?.(details) ?? true;
  }

  /** What both handlers let a page of `origin` have; everything without them, as in Electron. Chromium refuses the rest. */
  async findGranted(contents: unknown, origin: string): Promise<readonly string[]> {
    const webContents = contents as Electron.WebContents;
    const details = { requestingUrl: origin, isMainFrame: true } as Electron.PermissionRequest;
    const granted: string[] = [];
    for (const [permission, name] of PERMISSIONS) {
      const isAllowed = this.#permissionCheck?.(webContents, permission, origin, { isMainFrame: true }) ?? true;
      const request = this.#permissionRequest;
      const isGranted = await new Promise<boolean>((resolve) => {
        if (request) request(webContents, permission, resolve, details);
        else resolve(true);
      });
      if (isAllowed && isGranted) granted.push(name);
    }
    return granted;
  }

  /**
   * Answers a request of the page as Electron would: first who may refuse it, then its scheme's handler or the world outside;
   * and the same again where it is redirected, unless `mayRedirect` says no.
   */
  async answer(route: Route, mayRedirect: (url: string) => boolean): Promise<void> {
    const request = route.request();
    let url = fromChromiumUrl(request.url());
    for (let count = 0; count <= MAX_REDIRECTS; count++) {
      if (await this.#isRefused(url)) return await route.abort('blockedbyclient');
      const response = await this.#fetch(url, request.method());
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (location === null) return await fulfill(route, response);
      url = new URL(location, url).href;
      if (!mayRedirect(url)) return await route.abort('aborted');
    }
    await route.abort('failed');
  }

  /** The world outside answers everything, to everybody: what must not be asked has to be refused before. */
  async #fetch(url: string, method: string): Promise<Response> {
    const handler = this.handlers.get(new URL(url).protocol.slice(0, -1));
    if (handler) return await handler(new Request(url, { method }));
    const headers = { 'content-type': 'text/html', 'access-control-allow-origin': '*' };
    return new Response('<title>outside</title>', { headers });
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

async function fulfill(route: Route, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
}

/** Electron's `session`, of which there is one. */
export const session: { readonly defaultSession: StandInSession } = { defaultSession: new StandInSession() };

/** Electron's `protocol`. */
export const protocol = {
  registerSchemesAsPrivileged(customSchemes: readonly Electron.CustomScheme[]): void {
    for (const { scheme } of customSchemes) schemes.add(scheme);
  },
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged'>;
