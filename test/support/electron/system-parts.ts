import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type Electron from 'electron';

/** What a menu was made from; a test clicks in it. */
export class Menu {
  static application: Menu | null = null;
  readonly items: readonly Electron.MenuItemConstructorOptions[];

  constructor(items: readonly Electron.MenuItemConstructorOptions[]) {
    this.items = items;
  }
  static buildFromTemplate(template: readonly Electron.MenuItemConstructorOptions[]): Menu {
    return new Menu(template);
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.application = menu;
  }
  static getApplicationMenu(): Menu | null {
    return Menu.application;
  }
}

/** An icon nobody sees. */
export class Tray extends EventEmitter implements Pick<Electron.Tray, 'setToolTip' | 'destroy'> {
  static readonly all: Tray[] = [];
  toolTip = '';
  menu: Menu | null = null;

  constructor(_image: unknown) {
    super();
    Tray.all.push(this);
  }
  setToolTip(text: string): void {
    this.toolTip = text;
  }
  setContextMenu(menu: Menu | null): void {
    this.menu = menu;
  }
  destroy(): void {
    Tray.all.splice(Tray.all.indexOf(this), 1);
  }
}

export const nativeImage = {
  createFromDataURL: (url: string) => ({ url, resize: (size: object) => ({ url, ...size }) }),
};

/** Answers every question with its way back, as a person who closes the box. A test puts its own answers in place. */
export const dialog = {
  async showMessageBox(...args: readonly unknown[]): Promise<Electron.MessageBoxReturnValue> {
    const options = args.at(-1) as Electron.MessageBoxOptions;
    return { response: options.cancelId ?? 0, checkboxChecked: false };
  },
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`${title}: ${content}\n`);
  },
};

export const shell: Pick<Electron.Shell, 'openExternal'> = { openExternal: async () => undefined };

/** The variable decides what the keychain is: `none`, or a secret. */
const KEYCHAIN = process.env['STAND_IN_KEYCHAIN'] ?? 'a secret of tests';
const secret = createHash('sha256').update(KEYCHAIN).digest();

export const safeStorage: Pick<
  Electron.SafeStorage,
  'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptString' | 'decryptString'
> = {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => (KEYCHAIN === 'none' ? 'basic_text' : 'gnome_libsecret'),
  encryptString(text) {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  },
  decryptString(blob) {
    const decipher = createDecipheriv('aes-256-gcm', secret, blob.subarray(0, 12));
    decipher.setAuthTag(blob.subarray(12, 28));
    return Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]).toString('utf8');
  },
};

export const nativeTheme: { themeSource: Electron.NativeTheme['themeSource']; readonly shouldUseDarkColors: boolean } =
  {
    themeSource: 'system',
    get shouldUseDarkColors() {
      return nativeTheme.themeSource !== 'light';
    },
  };

const blockers = new Set<number>();
let lastBlocker = 0;
export const powerSaveBlocker: Pick<Electron.PowerSaveBlocker, 'start' | 'stop' | 'isStarted'> = {
  start() {
    blockers.add(++lastBlocker);
    return lastBlocker;
  },
  stop: (id) => blockers.delete(id),
  isStarted: (id) => blockers.has(id),
};

export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1_920, height: 1_080 } }] };
