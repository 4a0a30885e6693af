import { conversionOf } from '../../definitions/conversion.js'
import { load, definitionsOrThrow } from '../../definitions/load.js'
import { completed } from '../../slices/sliced-work.js'
import { UsageError } from '../command-line/usage.js'

/** `convert`: prints the configuration in the other language. What XML cannot express is listed on standard error. */
export async function convert (path: string, to: string): Promise<number> {
  if (to !== 'json' && to !== 'xml') throw new UsageError('--to expects json or xml')
  const { text, losses } = completed(conversionOf(definitionsOrThrow(await load(path)), to))
  console.log(text)
  for (const lost of losses) console.error(`${lost} cannot be expressed in XML, and is left out`)
  return 0
}
