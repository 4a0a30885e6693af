import { canonical } from '../xml/markup.js'

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
