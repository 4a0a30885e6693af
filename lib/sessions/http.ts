import { Type } from '@sinclair/typebox'
import { describe } from '../contracts/fields.js'
import { omitUndefined, session } from '../contracts/kind.js'
import { cookiesOf, cookiesSet, withoutCookies, type Cookie } from './http-cookies.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/** As many cookies of one request are looked up at most. */
const MAX_COOKIES = 8

/**
 * The server names the session in a cookie. An id is the whole pair, `JSESSIONID=abc` (WSO2, HttpSessionDispatcher); the name must be
 * exactly one of `cookies`. A cookie that an answer sets belongs to the member that it came from, also in the middle of a session.
 */
export const http = session({
  name: 'http',
  description: 'The server names the session in a cookie: JSESSIONID or PHPSESSID, unless cookies="…" names others.',
  fields: { ...sessionSettings, cookies: describe(Type.Optional(Type.Array(Type.String({ pattern: '^[!#$%&\'*+.^_`|~0-9A-Za-z-]+$' }), { minItems: 1 })), 'Their names; unset: JSESSIONID and PHPSESSID.') },
  read: (element, reader) => omitUndefined({ ...readSettings(element, reader), cookies: element.attribute('cookies')?.split(/[\s,]+/).filter(Boolean) }),
  write ({ cookies, ...config }) {
    const [attributes, ...nodes] = writeSettings(config)
    return [{ ...attributes, cookies: cookies?.join(' ') }, ...nodes]
  },
  build ({ cookies = ['JSESSIONID', 'PHPSESSID'], ...config }, { now }) {
    const names: ReadonlySet<string> = new Set(cookies)
    const idsIn = (all: readonly Cookie[]): string[] =>
      [...new Set(all.flatMap(({ name, value }) => names.has(name) && value !== '' ? `${name}=${value}` : []))].slice(0, MAX_COOKIES)
    return tableSession({
      idsInRequest: request => idsIn(cookiesOf(request.headers)),
      idsInResponse: answer => idsIn(cookiesSet(answer.headers, now())),
      withoutStaleIds (request) {
        const headers = withoutCookies(request.headers, names)
        return headers === request.headers ? request : { ...request, headers }
      }
    }, config)
  }
})
