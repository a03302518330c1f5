// Runs before the first paint, so that a light window does not flash dark: the theme as `app/theme` kept it last.
(() => {
  let kept = null;
  try {
    kept = localStorage.getItem('flotilla.theme');
  } catch {
    // A page without storage takes the system's theme.
  }
  const isLight = kept === 'light' || (kept !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.dataset.theme = isLight ? 'light' : 'dark';
})();
