import { setting, UsageError, type ParsedOptions } from './usage.js'

/** The time limit of one request to the admin API. */
const REQUEST_TIMEOUT_MS = 5_000

/** A list of the admin API. */
export interface Listed<T> {
  readonly list: readonly T[]
}
/** The admin port of a gateway, and its token. */
export interface AdminAddress {
  readonly url: URL
  readonly token: string | undefined
}

/** Reads `--admin` and `--admin-token`. @throws UsageError */
export function adminOf (options: ParsedOptions): AdminAddress {
  const address = setting(options, 'admin') ?? `http://127.0.0.1:${setting({}, 'admin-port') ?? 9164}`
  if (!/^https?:\/\/./.test(address) || !URL.canParse(address)) {
    throw new UsageError(`--admin expects an address like http://127.0.0.1:9164, not "${address}"`)
  }
  return { url: new URL(address.endsWith('/') ? address : `${address}/`), token: setting(options, 'admin-token') }
}

/** One request to the admin API; a change is sent by `method`. @throws Error that says what to do */
export async function request<T> (
  { url, token }: AdminAddress,
  path: string,
  change?: object,
  method = 'POST'
): Promise<T> {
  const target = new URL(path, url)
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(change && { 'content-type': 'application/json' })
  }
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const post = change === undefined ? {} : { method, body: JSON.stringify(change) }
  const response = await fetch(target, { ...post, headers, signal }).catch(
    (error: Error & { cause?: { code?: string } }) => {
      if (error.name === 'TimeoutError') throw new Error(`${url.origin} does not respond`)
      const advice = 'is the gateway running, and is this its admin port (--admin)?'
      throw new Error(`nothing listens at ${url.origin}: ${advice} (${error.cause?.code ?? error.message})`)
    }
  )
  const body = (await response.json().catch(() => undefined)) as (T & { Error?: string }) | undefined
  if (response.ok && body !== undefined) return body
  if (response.status === 401) {
    const problem = token === undefined ? 'requires a token' : 'does not accept this token'
    throw new Error(`${url.origin} ${problem}: --admin-token, or PROXY_SERVICES_ADMIN_TOKEN`)
  }
  throw new Error(body?.Error ?? `${target.href} responded ${response.status}: it is not the admin API of a gateway`)
}
