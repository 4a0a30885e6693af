import type { ReloadRefusal, ReloadView } from '../../../plugins/admin/configuration/reload-routes.js'
import { formatProblem } from '../../definitions/model/problem.js'
import { AdminRefusal, adminOf, byOf, request } from './admin-client.js'
import type { ParsedOptions } from '../command-line/usage.js'

/** A configuration may wait for its WSDLs, and for the reload before it. */
const TIMEOUT_MS = 60_000

/**
 * `reload`: makes a running gateway read its configuration and its certificates again, and prints what came of it.
 * @returns 0; or 1, if the reload was refused
 */
export async function requestReload (options: ParsedOptions): Promise<number> {
  const { by } = byOf(options)
  const path = by === undefined ? 'reload' : `reload?by=${encodeURIComponent(by)}`
  try {
    const { proxies, added, removed } = await request<ReloadView>(adminOf(options), path, {}, { timeout: TIMEOUT_MS })
    const count = proxies.length === 1 ? 'one proxy' : `${proxies.length} proxies`
    console.log(`configuration reloaded: ${count}${named('added', added)}${named('removed', removed)}`)
    return 0
  } catch (error) {
    if (!(error instanceof AdminRefusal) || error.status !== 422) throw error
    const { Error: text, problems } = error.body as ReloadRefusal
    console.error('reload refused: the previous configuration continues')
    for (const line of problems.length > 0 ? problems.map(formatProblem) : [text]) console.error(line)
    return 1
  }
}

const named = (what: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `; ${what}: ${names.join(', ')}`
