const KEY = 'proxy-services-theme'

/** The theme that the reader chose, else that of the system. */
export function applyTheme (theme = localStorage.getItem(KEY)): void {
  if (theme === null) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function toggleTheme (): void {
  const isDark =
    document.documentElement.dataset['theme'] === 'dark' ||
    (document.documentElement.dataset['theme'] === undefined && matchMedia('(prefers-color-scheme: dark)').matches)
  localStorage.setItem(KEY, isDark ? 'light' : 'dark')
  applyTheme()
}
