/** Requests to the admin API, and who makes them. */

const KEPT_TOKEN = 'proxy-services-token'
const KEPT_OPERATOR = 'proxy-services-operator'
/** Characters of the name of an operator. */
const MAX_NAME = 64

const kept = (key: string): string | undefined => sessionStorage.getItem(key) ?? localStorage.getItem(key) ?? undefined

let token = kept(KEPT_TOKEN)
let name = kept(KEPT_OPERATOR) ?? ''

/** The name that the operator gives, for the log: a field of a body; empty without a name. */
export const operator = (): { readonly by?: string } => (name === '' ? {} : { by: name })

/** The same as a query. */
export const operatorQuery = (): string => (name === '' ? '' : `?by=${encodeURIComponent(name)}`)

export const isSignedIn = (): boolean => token !== undefined

export const authorization = (): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

export interface ApiError {
  readonly status: number
  readonly message: string
}

/** One request to the admin API, which lies one level above the page. @throws ApiError */
export async function api<T> (path: string, method = 'GET', body?: unknown): Promise<T> {
  const response = await fetch(`../${path}`, {
    method,
    headers: { ...authorization(), ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  const { Error: message = `HTTP ${response.status}` } = (await response.json().catch(() => ({}))) as {
    Error?: string
  }
  const error: ApiError = { status: response.status, message }
  throw error
}

export const isApiError = (error: unknown): error is ApiError =>
  typeof error === 'object' && error !== null && 'status' in error && 'message' in error

/** Why a request to the admin API failed. */
export const messageOf = (error: unknown): string =>
  isApiError(error) ? error.message : 'The gateway cannot be reached.'

/** What an operator types to sign in. */
export interface Credentials {
  readonly token: string
  /** May be empty. */
  readonly name: string
  /** Whether they are kept until the tab is closed, those of a viewer for longer; else until the page is left. */
  readonly keep: boolean
}

/** Takes a token over if the gateway accepts it. @returns undefined, or why it is refused */
export async function takeCredentials (given: Credentials): Promise<string | undefined> {
  const before = token
  token = given.token
  let isOperator: boolean
  try {
    isOperator = (await api<{ mayChange: true | string }>('gateway')).mayChange === true
  } catch (error) {
    token = before
    return isApiError(error) ? error.message : 'the gateway cannot be reached'
  }
  name = given.name.trim().slice(0, MAX_NAME)
  if (given.keep) {
    // A screen on a wall that is switched on again shows the gateway; it can change nothing.
    const storage = isOperator ? sessionStorage : localStorage
    storage.setItem(KEPT_TOKEN, given.token)
    storage.setItem(KEPT_OPERATOR, name)
  }
  return undefined
}

export function forgetCredentials (): void {
  token = undefined
  name = ''
  for (const storage of [sessionStorage, localStorage]) {
    storage.removeItem(KEPT_TOKEN)
    storage.removeItem(KEPT_OPERATOR)
  }
}
