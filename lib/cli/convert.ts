import { load, parse, definitionsOrThrow } from '../definitions/load.js'
import { writeXml } from '../definitions/write-xml.js'
import { canonical } from '../xml/markup.js'
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

/**
 * The paths of values that differ after a text is read again. Markup is compared in canonical form; a sequence of
 * nothing but mediators equals their list.
 */
export function * lossesOf (model: unknown, again: unknown, path: readonly string[] = []): Generator<string> {
  if (typeof model !== 'object' || model === null) {
    if (model !== again && (canonical(String(model)) ?? 0) !== canonical(String(again))) yield path.join('.')
    return
  }
  const { mediators, ...rest } = model as { mediators?: unknown }
  if (Array.isArray(again) && mediators !== undefined && Object.keys(rest).length === 0) {
    yield * lossesOf(mediators, again, path)
    return
  }
  for (const [key, value] of Object.entries(model)) {
    yield * lossesOf(value, (again as Record<string, unknown> | undefined)?.[key], [...path, key])
  }
}
