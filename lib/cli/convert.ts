import { load, sound } from '../definitions/load.js'
import { UsageError } from './main.js'

/** `convert`: the configuration in the other language, on standard output. */
export async function convert (path: string, to: string): Promise<number> {
  if (to !== 'json' && to !== 'xml') throw new UsageError('--to expects json or xml')
  const definitions = sound(await load(path))
  if (to === 'json') console.log(JSON.stringify(definitions, null, 2))
  else console.log((await import('../definitions/write-xml.js')).writeXml(definitions))
  return 0
}
