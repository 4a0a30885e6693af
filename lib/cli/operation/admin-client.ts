import { userInfo } from 'node:os'
import { setting, UsageError, type ParsedOptions } from '../command-line/usage.js'

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

/** The longest name of an operator that the admin API accepts. */
const MAX_NAME = 64

/** Who makes a change, for the log of the gateway: `--by`, or the user of this machine. */
export function byOf (options: ParsedOptions): { by?: string } {
  const by = setting(options, 'by') ?? process.env['SUDO_USER'] ?? userName()
  return by === undefined ? {} : { by: by.slice(0, MAX_NAME) }
}

/** A user without an entry in the list of users has no name. */
function userName (): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/** What the admin API has refused, and why. */
export class AdminRefusal extends Error {
  readonly status: number
  readonly body: unknown
  constructor (message: string, status: number, body: unknown) {
    super(message)
    this.status = status
    this.body = body
  }
}

/** One request to the admin API; a change is sent by `method`. @throws Error with advice */
export async function request<T> (
  { url, token }: AdminAddress,
  path: string,
  change?: object,
  { method = 'POST', timeout = REQUEST_TIMEOUT_MS }: { readonly method?: string; readonly timeout?: number } = {}
): Promise<T> {
  const target = new URL(path, url)
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(change && { 'content-type': 'application/json' })
  }
  const signal = AbortSignal.timeout(timeout)
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
  if (body?.Error !== undefined) throw new AdminRefusal(body.Error, response.status, body)
  throw new Error(`${target.href} responded ${response.status}: it is not the admin API of a gateway`)
}
