import { existsSync } from 'node:fs'

/** Debian's browsers, the one that draws no window first: it takes half the time. */
const INSTALLED = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'] as const

/** The browser of the tests: the one that CHROMIUM names, or one that is installed. */
export const EXECUTABLE = process.env['CHROMIUM'] ?? INSTALLED.find(existsSync) ?? INSTALLED[0]

/** What is missing where there is no browser. */
export const missingBrowser = existsSync(EXECUTABLE)
  ? undefined
  : `no browser at ${EXECUTABLE}: apt-get install chromium-headless-shell, or set CHROMIUM`
