import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { CDPSession, Download, Page, Route } from 'playwright-core';
import type Electron from 'electron';
import { preventable } from './app.ts';
import { chromiumContext, fromChromiumUrl, newPage, toChromiumUrl } from './chromium.ts';
import { ipcMain } from './ipc.ts';
import { CALL, HEAR, isolatedScript, type PageCall, type PageWord, WEBVIEW_SCRIPT, WORLD } from './page-side.ts';
import type { MessagePortMain } from './ports.ts';
import { session } from './session.ts';
import { fromText, toText } from './structured.ts';

type Preferences = Electron.WebPreferences;
type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

type ContentsPart = Pick<
  Electron.WebContents,
  'getURL' | 'setWindowOpenHandler' | 'loadURL' | 'reload' | 'forcefullyCrashRenderer' | 'executeJavaScript'
>;

/** The page of a window, with its preload script in a world of its own. */
export class WebContents extends EventEmitter implements ContentsPart {
  readonly session: (typeof session)['defaultSession'] = session.defaultSession;
  readonly mainFrame: { readonly url: string; readonly parent: null; postMessage: WebContents['postMessage'] };
  readonly #preferences: Preferences;
  readonly #size: { readonly width: number; readonly height: number };
  readonly #ports = new Map<number, MessagePortMain>();
  #lastPort = 0;
  #page: Promise<Page> | undefined;
  #cdp: CDPSession | undefined;
  #contextId: number | undefined;
  #url = '';
  #isExpected = false;
  #isEnded = false;
  /** While the end of the page is told. */
  #isEnding = false;
  #openHandler: OpenHandler = () => ({ action: 'deny' });

  constructor(preferences: Preferences, size: { readonly width: number; readonly height: number }) {
    super();
    this.#preferences = preferences;
    this.#size = size;
    // oxlint-disable-next-line typescript/no-this-alias, unicorn/no-this-assignment -- a getter of another object
    const contents = this;
    this.mainFrame = {
      get url() {
        return contents.getURL();
      },
      parent: null,
      postMessage: (channel, message, transfer) => this.postMessage(channel, message, transfer),
    };
  }

  /** Undocumented in Electron, and the one way to see what a window was created with. */
  getLastWebPreferences(): Preferences {
    return this.#preferences;
  }

  getURL(): string {
    return this.#url;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  async loadURL(url: string): Promise<void> {
    this.#url = url;
    const page = await (this.#page ??= this.#open());
    await this.#grant(page, url);
    this.#isExpected = true;
    await page.goto(toChromiumUrl(url));
  }

  async #grant(page: Page, url: string): Promise<void> {
    const granted = await this.session.findGranted(this, new URL(url).origin);
    await page.context().grantPermissions([...granted], { origin: new URL(toChromiumUrl(url)).origin });
  }

  /** A page that crashed cannot be driven any more: another takes its place. */
  reload(): void {
    // As in Electron before it told of the end in a turn of its own: a check in Chromium fails, and the program with it.
    if (this.#isEnding) process.exit(133);
    const old = this.#page;
    this.#page = this.#open();
    void old?.then((page) => page.close()).catch(() => undefined);
    void this.loadURL(this.#url).catch(() => undefined);
  }

  async executeJavaScript(code: string): Promise<unknown> {
    return await (await this.#page)?.evaluate(code);
  }

  forcefullyCrashRenderer(): void {
    void this.#cdp?.send('Page.crash').catch(() => undefined);
  }

  postMessage(channel: string, message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const ports = transfer.map((port) => this.#bridge(port));
    this.#say({ kind: 'message', channel, text: toText(message), ports });
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    this.#closePorts();
    await (await this.#page?.catch(() => undefined))?.close().catch(() => undefined);
  }

  async #open(): Promise<Page> {
    await chromiumContext();
    const page = await newPage();
    await page.setViewportSize(this.#size);
    page.on('crash', () => {
      this.#closePorts();
      this.#isEnding = true;
      if (!this.#isEnded) this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
      this.#isEnding = false;
    });
    page.on('domcontentloaded', () => this.emit('dom-ready'));
    page.on('download', (download) => this.#askAboutDownload(download));
    await page.route('**/*', (route) => this.#answer(route, page));
    await this.#isolate(page);
    return page;
  }

  /** A navigation is asked about before it begins, and each time it is redirected. */
  async #answer(route: Route, page: Page): Promise<void> {
    const request = route.request();
    if (!request.isNavigationRequest()) return await this.session.answer(route, () => true);
    const isMainFrame = request.frame() === page.mainFrame();
    if (!this.#mayNavigate(fromChromiumUrl(request.url()), isMainFrame)) return await route.abort('aborted');
    await this.session.answer(route, (url) => this.#isLetBy('will-redirect', { url, isMainFrame }));
  }

  /** What `loadURL` asked for is not asked about, as in Electron. */
  #mayNavigate(url: string, isMainFrame: boolean): boolean {
    const isExpected = isMainFrame && this.#isExpected;
    if (isMainFrame) this.#isExpected = false;
    if (isExpected) return true;
    if (!this.#isLetBy('will-frame-navigate', { url, isMainFrame })) return false;
    return !isMainFrame || this.#isLetBy('will-navigate', { url, isMainFrame });
  }

  #isLetBy(name: string, details: { readonly url: string; readonly isMainFrame: boolean }): boolean {
    const event = preventable(details);
    this.emit(name, event);
    return !event.defaultPrevented;
  }

  #askAboutDownload(download: Download): void {
    const event = preventable();
    const item = { getURL: () => fromChromiumUrl(download.url()) };
    this.session.emit('will-download', event, item, this);
    if (event.defaultPrevented) void download.cancel().catch(() => undefined);
  }

  /** A guest that nobody refuses is attached; there is no page in it here. */
  #askAboutGuest(src: string): void {
    const event = preventable();
    this.emit('will-attach-webview', event, {}, { src });
    if (!event.defaultPrevented) this.emit('did-attach-webview', preventable(), {});
  }

  async #isolate(page: Page): Promise<void> {
    const cdp = await page.context().newCDPSession(page);
    this.#cdp = cdp;
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name !== WORLD) return;
      this.#closePorts();
      this.#contextId = context.id;
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === CALL) this.#hear(JSON.parse(payload) as PageCall);
    });
    // The new page itself is closed by `chromium.ts`: this program has one window, and every answer is a refusal.
    cdp.on('Page.windowOpen', ({ url }) => void this.#openHandler({ url } as Electron.HandlerDetails));
    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
    await cdp.send('Runtime.addBinding', { name: CALL, executionContextName: WORLD });
    const { preload, webviewTag } = this.#preferences;
    if (webviewTag === true)
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: WEBVIEW_SCRIPT, worldName: WORLD });
    if (preload === undefined) return;
    const source = isolatedScript(readFileSync(preload, 'utf8'));
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: WORLD });
  }

  #hear(call: PageCall): void {
    if (call.kind === 'port') this.#ports.get(call.port)?.postMessage(fromText(call.text));
    if (call.kind === 'port-closed') this.#ports.get(call.port)?.close();
    if (call.kind === 'webview') this.#askAboutGuest(call.src);
    if (call.kind !== 'send') return;
    const event = { sender: this, senderFrame: this.mainFrame, type: 'frame' };
    ipcMain.emit(call.channel, event, ...(fromText(call.text) as unknown[]));
  }

  #bridge(port: MessagePortMain): number {
    const id = ++this.#lastPort;
    this.#ports.set(id, port);
    port.on('message', ({ data }: { data: unknown }) => this.#say({ kind: 'port', port: id, text: toText(data) }));
    port.on('close', () => {
      if (this.#ports.delete(id)) this.#say({ kind: 'port-closed', port: id });
    });
    // Started once the page has been told of it: words arrive in their order.
    queueMicrotask(() => port.start());
    return id;
  }

  #closePorts(): void {
    const ports = [...this.#ports.values()];
    this.#ports.clear();
    this.#contextId = undefined;
    for (const port of ports) port.close();
  }

  #say(word: PageWord): void {
    const executionContextId = this.#contextId;
    if (executionContextId === undefined) return;
    const functionDeclaration = `function (word) { ${HEAR}(word); }`;
    this.#cdp
      ?.send('Runtime.callFunctionOn', { functionDeclaration, executionContextId, arguments: [{ value: word }] })
      // The page is gone or loads anew.
      .catch(() => undefined);
  }
}
