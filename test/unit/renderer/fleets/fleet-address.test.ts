import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathTo } from '../../../../renderer/app/path-to.ts';

test('a path of any signs comes out of its address as it went in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (path) => {
      const part = pathTo.fleet(path).slice('/fleets/edit/'.length);
      expect(part).not.toMatch(/[/?#]/);
      // What the router does to an address, then what the route does to its part.
      expect(decodeURIComponent(decodeURI(part))).toBe(path);
    }),
    { examples: [['/home/me/100% done/a%20b.yaml'], [String.raw`C:\fleets\ü.yaml`]] },
  );
});
