import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import { app, preventable } from './app.ts';
import { WebContents } from './web-contents.ts';

type WindowPart = Pick<
  Electron.BrowserWindow,
  | 'close'
  | 'destroy'
  | 'isDestroyed'
  | 'show'
  | 'focus'
  | 'isMinimized'
  | 'restore'
  | 'maximize'
  | 'isMaximized'
  | 'getNormalBounds'
  | 'loadURL'
  | 'isFocused'
  | 'isVisible'
>;

const open = new Set<BrowserWindow>();

/** A window, which is a page of a Chromium without a screen. */
export class BrowserWindow extends EventEmitter implements WindowPart {
  static getAllWindows(): BrowserWindow[] {
    return [...open];
  }

  readonly webContents: WebContents;
  readonly #bounds: Electron.Rectangle;
  #isDestroyed = false;
  #isVisible: boolean;
  #isMaximized = false;
  #focusCount = 0;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.#bounds = { x, y, width, height };
    this.#isVisible = options.show !== false;
    open.add(this);
    this.webContents = new WebContents(options.webPreferences ?? {}, { width, height });
    this.webContents.once('dom-ready', () => this.emit('ready-to-show'));
    app.emit('web-contents-created', preventable(), this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    await this.webContents.loadURL(url);
  }

  close(): void {
    const event = preventable();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    open.delete(this);
    void this.webContents.end();
    this.emit('closed');
    if (open.size === 0 && !app.emit('window-all-closed')) app.quit();
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }
  show(): void {
    this.#isVisible = true;
    this.#focusCount++;
  }
  focus(): void {
    this.#focusCount++;
  }
  isFocused(): boolean {
    return this.#focusCount > 0;
  }
  isVisible(): boolean {
    return this.#isVisible;
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {}
  maximize(): void {
    this.#isMaximized = true;
  }
  isMaximized(): boolean {
    return this.#isMaximized;
  }
  getNormalBounds(): Electron.Rectangle {
    return this.#bounds;
  }
}
