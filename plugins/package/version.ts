import { readFileSync } from 'node:fs'

/** Folders of this depth are where bundles lie too, so that both find the package. */
const PACKAGE = new URL('../../../package.json', import.meta.url)

/** The version of this package. */
export const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
