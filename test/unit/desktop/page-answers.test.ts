import { sep } from 'node:path';
import { expect, test } from 'vitest';
import { besideArchive } from '../../../main/fleets/example-fleets.ts';
import { findOutsideAddress } from '../../../main/page/outside-address.ts';
import { screensThatSay } from '../../../main/page/screens.ts';
import { answerWindow } from '../../../main/page/window-answers.ts';

const screens = screensThatSay('Hello.');
const ask = (url: string, method = 'GET') => answerWindow(screens, 'app', new Request(url, { method }));

test('a window is answered its screens, with the policy of the page', async () => {
  const page = ask('https://app/');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Hello.');
  expect(page.headers.get('Content-Security-Policy')).toContain("connect-src 'self'");
  expect(page.headers.get('X-Content-Type-Options')).toBe('nosniff');
});

test('no address leads out of the screens, and nothing is written', () => {
  for (const path of ['nothing', '../package.json', '%2e%2e/package.json', '..%2fpackage.json', '/etc/passwd']) {
    expect(ask(`https://app/${path}`).status).toBe(404);
  }
  expect(ask('https://other/').status).toBe(404);
  expect(ask('https://app/', 'POST').status).toBe(405);
});

test('only the pages that links lead to are opened outside', () => {
  expect(findOutsideAddress('https://github.com/a/b')).toBe('https://github.com/a/b');
  const refused = [
    'http://github.com/',
    'https://github.com.example.com/',
    'https://github.com:8443/',
    'https://somebody@github.com/',
    'https://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not an address',
  ];
  expect(refused.filter((address) => findOutsideAddress(address) !== undefined)).toEqual([]);
});

test('what is started as a program is looked for beside the archive, and only there', () => {
  const inside = ['', 'opt', 'flotilla', 'resources', 'app.asar', 'examples'].join(sep);
  expect(besideArchive(inside)).toBe(['', 'opt', 'flotilla', 'resources', 'app.asar.unpacked', 'examples'].join(sep));
  expect(besideArchive('C:\\Flotilla\\resources\\app.asar\\examples')).toContain('app.asar.unpacked\\examples');
  for (const path of ['/src/flotilla/examples', '/src/app.asar.unpacked/examples', '/src/my-app.asar/examples']) {
    expect(besideArchive(path)).toBe(path);
  }
});
