// Who may import what. ARCHITECTURE in docs/ says why; test/boundary plants one violation per rule.
const owner = (name, folder, module) => ({
  name: `only-${name}-owns-${module.match(/child_process|worker_threads|undici|timers|better-sqlite3|[/]ws[/]/)[0].replaceAll('/', '')}`,
  severity: 'error',
  from: { path: '^(shared|runtime|main|renderer)/', pathNot: `^${folder}` },
  to: { path: module },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'shared-imports-only-zod',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'runtime-does-not-know-main',
      severity: 'error',
      from: { path: '^runtime/' },
      to: { path: '^(main|renderer)/' },
    },
    {
      name: 'renderer-does-not-know-runtime-or-main',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(main|runtime)/' },
    },
    {
      name: 'renderer-runs-in-a-page',
      severity: 'error',
      from: { path: '^renderer/', pathNot: 'vite\\.config\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-the-hook-of-a-view-talks-to-the-host',
      severity: 'error',
      from: { path: '^renderer/(views|charts|ui)/', pathNot: '/use-[^/]*$' },
      to: { path: '^renderer/rpc/', pathNot: '^renderer/rpc/(loaded|timers)\\.ts$' },
    },
    {
      name: 'only-desktop-knows-electron',
      severity: 'error',
      from: { path: '^(shared|runtime|main|renderer)/', pathNot: '^main/(desktop|preload)' },
      to: { path: '(^|/)node_modules/electron/|^electron$' },
    },
    {
      name: 'nothing-shipped-imports-tests-or-scripts',
      severity: 'error',
      from: { path: '^(shared|runtime|main|renderer)/' },
      to: { path: '^(test|scripts)/' },
    },
    owner('processes', 'runtime/processes/', '^(node:)?child_process$'),
    owner('workers', 'runtime/workers/', '^(node:)?worker_threads$'),
    owner('net', 'runtime/net/', '(^|/)node_modules/undici/'),
    owner('time', 'runtime/time/', '^(node:)?timers(/promises)?$'),
    owner('rpc', 'main/(rpc|page)/', '(^|/)node_modules/ws/'),
    owner('history', 'main/history/', '(^|/)node_modules/better-sqlite3/'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.base.json` },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
