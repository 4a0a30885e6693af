import { load, parse, definitionsOrThrow } from '../definitions/load.js'
import { writeXml } from '../definitions/write-xml.js'
import { lossesOf } from '../definitions/conversion-losses.js'
import { UsageError } from './usage.js'

/** `convert`: prints the configuration in the other language. What XML cannot express is listed on standard error. */
export async function convert (path: string, to: string): Promise<number> {
  if (to !== 'json' && to !== 'xml') throw new UsageError('--to expects json or xml')
  const definitions = definitionsOrThrow(await load(path))
  const text = to === 'json' ? JSON.stringify(definitions, null, 2) : writeXml(definitions).trimEnd()
  console.log(text)
  for (const lost of lossesOf(definitions, parse(text).definitions)) {
    console.error(`${lost} cannot be expressed in XML, and is left out`)
  }
  return 0
}
