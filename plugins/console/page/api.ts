/** Requests to the admin API, and who makes them. */

const KEPT_TOKEN = 'proxy-services-token'
const KEPT_OPERATOR = 'proxy-services-operator'
/** Characters of the name of an operator. */
const MAX_NAME = 64

let token = sessionStorage.getItem(KEPT_TOKEN) ?? undefined
let name = sessionStorage.getItem(KEPT_OPERATOR) ?? ''

/** The name that the operator gives, for the log: a field of a body; empty without a name. */
export const operator = (): { readonly by?: string } => (name === '' ? {} : { by: name })

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
  /** Whether they are kept until the tab is closed; else until the page is left. */
  readonly keep: boolean
}

/** Takes a token over if the gateway accepts it. @returns undefined, or why it is refused */
export async function takeCredentials (given: Credentials): Promise<string | undefined> {
  const before = token
  token = given.token
  try {
    await api('gateway')
  } catch (error) {
    token = before
    return isApiError(error) ? error.message : 'the gateway cannot be reached'
  }
  name = given.name.trim().slice(0, MAX_NAME)
  if (given.keep) {
    sessionStorage.setItem(KEPT_TOKEN, given.token)
    sessionStorage.setItem(KEPT_OPERATOR, name)
  }
  return undefined
}

export function forgetCredentials (): void {
  token = undefined
  name = ''
  sessionStorage.removeItem(KEPT_TOKEN)
  sessionStorage.removeItem(KEPT_OPERATOR)
}
