import { readdirSync } from 'node:fs'

/** For tap: every test covers the compiled sources, and not the tests or the bundles. */
const sources = ['dist/lib', 'dist/plugins'].flatMap(folder => readdirSync(folder, { recursive: true })
  .filter(name => name.endsWith('.js') && !/\bbundle\b/.test(name))
  .map(name => `${folder}/${name}`))

export default () => sources
