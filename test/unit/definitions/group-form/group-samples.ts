import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupsIn } from '../../../../lib/definitions/group-form/edit-group.js'

/** Texts with groups: all XML samples of the tests, and the one that is shipped. */
export function groupSamples (): string[] {
  const folder = new URL('../../../../../test/', import.meta.url).pathname
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.xml'))
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .concat(readFileSync(join(folder, '../config/lb-proxy.xml'), 'utf8'))
    .filter(text => groupsIn(text).length > 0)
}
