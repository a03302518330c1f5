import { app, Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import { type LiveCounts, toLiveWords } from '../app/live-watch.ts';
import { TRAY_ICON } from '../app/tray-icon.ts';

/** What the tray and the menu can set off. */
export interface DesktopActions {
  readonly show: () => void;
  readonly stopAll: () => void;
  readonly quit: () => void;
}

/** The icon in the system's tray; disposing of it removes it. */
export interface DesktopTray extends Disposable {
  update(counts: LiveCounts): void;
}

/** Shows the icon; some Linux desktops have no tray, and then nothing is seen of it. */
export function openTray(actions: DesktopActions): DesktopTray {
  const icon = nativeImage.createFromDataURL(TRAY_ICON).resize({ width: 16, height: 16 });
  const tray = new Tray(icon);
  let shown = '';
  tray.on('click', actions.show);
  const update = (counts: LiveCounts): void => {
    const words = toLiveWords(counts);
    if (words === shown) return;
    shown = words;
    tray.setToolTip(`Flotilla: ${words}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: words, enabled: false },
        { type: 'separator' },
        { label: 'Show the window', click: actions.show },
        { label: 'Stop all runs', enabled: counts.liveRuns > 0, click: actions.stopAll },
        { label: 'Quit Flotilla', click: actions.quit },
      ]),
    );
  };
  update({ liveRuns: 0, agentsRunning: 0 });
  return { update, [Symbol.dispose]: () => tray.destroy() };
}

/** The menu of the program: what every desktop expects, and what the tray offers too. */
export function showMenu(actions: DesktopActions): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ];
  if (!app.isPackaged) view.push({ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' });
  const template: MenuItemConstructorOptions[] = [
    {
      label: app.name,
      submenu: [
        { label: 'Show the window', click: actions.show },
        { label: 'Stop all runs', click: actions.stopAll },
        { type: 'separator' },
        { label: 'Quit Flotilla', accelerator: 'CommandOrControl+Q', click: actions.quit },
      ],
    },
    { role: 'editMenu' },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
