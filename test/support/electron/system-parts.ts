import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type Electron from 'electron';

type Template = readonly Electron.MenuItemConstructorOptions[];

/** An entry of a menu; a test clicks on it. */
export class MenuItem implements Pick<Electron.MenuItem, 'label' | 'enabled' | 'click'> {
  readonly label: string;
  readonly enabled: boolean;
  readonly submenu: Menu | undefined;
  readonly click: () => void;

  constructor({ label = '', enabled = true, submenu, click }: Electron.MenuItemConstructorOptions) {
    this.label = label;
    this.enabled = enabled;
    this.submenu = Array.isArray(submenu) ? new Menu(submenu) : undefined;
    // As in Electron, one that is greyed out does nothing.
    this.click = () => {
      if (enabled) (click as (() => void) | undefined)?.();
    };
  }
}

/** A menu nobody sees. */
export class Menu {
  static application: Menu | null = null;
  readonly items: readonly MenuItem[];

  constructor(template: Template) {
    this.items = template.map((entry) => new MenuItem(entry));
  }
  static buildFromTemplate(template: Template): Menu {
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

  constructor(_image: Image) {
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

type Image = Pick<Electron.NativeImage, 'resize'>;

export const nativeImage: {
  createFromDataURL(...args: Parameters<typeof Electron.nativeImage.createFromDataURL>): Image;
} = {
  createFromDataURL: () => {
    const image: Image = { resize: () => image as Electron.NativeImage };
    return image;
  },
};

/** Answers every question with its way back, as a person who closes the box. A test puts its own answers in place. */
export const dialog = {
  async showMessageBox(
    ...args: [Electron.MessageBoxOptions] | [unknown, Electron.MessageBoxOptions]
  ): Promise<Electron.MessageBoxReturnValue> {
    const options = args.length === 1 ? args[0] : args[1];
    return { response: options.cancelId ?? 0, checkboxChecked: false };
  },
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`${title}: ${content}\n`);
  },
} satisfies Pick<Electron.Dialog, 'showErrorBox'> & { showMessageBox: unknown };

export const shell: Pick<Electron.Shell, 'openExternal'> = { openExternal: async () => undefined };

/**
 * The variable decides what the keychain is: `none` where Electron knows none of this desktop, `silent` where the one it knows
 * does not answer, or a secret.
 */
const KEYCHAIN = process.env['STAND_IN_KEYCHAIN'] ?? 'a secret of tests';
const secret = createHash('sha256').update(KEYCHAIN).digest();

/** Chromium's mark of what was encrypted with the password it has for everybody, and with one from a keychain. */
const MARK = KEYCHAIN === 'none' || KEYCHAIN === 'silent' ? 'v10' : 'v11';

export const safeStorage: Pick<
  Electron.SafeStorage,
  'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
> = {
  isAsyncEncryptionAvailable: async () => true,
  getSelectedStorageBackend: () => (KEYCHAIN === 'none' ? 'basic_text' : 'gnome_libsecret'),
  async encryptStringAsync(text) {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from(MARK), nonce, cipher.getAuthTag(), body]);
  },
  async decryptStringAsync(marked) {
    const blob = marked.subarray(MARK.length);
    const decipher = createDecipheriv('aes-256-gcm', secret, blob.subarray(0, 12));
    decipher.setAuthTag(blob.subarray(12, 28));
    const result = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]).toString('utf8');
    return { result, shouldReEncrypt: false };
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

export const screen: { getAllDisplays(): Pick<Electron.Display, 'workArea'>[] } = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1_920, height: 1_080 } }],
};
