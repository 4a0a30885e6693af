import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { session } from '../contracts/kind.js'
import { cookiesOf, cookiesSet, TOKEN, withoutCookies, type Cookie } from './cookie-headers.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/** At most this many cookies of a message are session ids. */
const MAX_COOKIES = 8

/**
 * The back-end names the session in a cookie. An id is the whole pair, `JSESSIONID=abc`; cookie names match exactly.
 * A response binds the cookies that it sets to its member, also within a session.
 * @see WSO2, HttpSessionDispatcher
 */
export const http = session({
  name: 'http',
  description: 'The back-end names the session in a cookie. Default names: JSESSIONID, PHPSESSID.',
  fields: {
    ...sessionSettings,
    cookies: describe(
      Type.Optional(Type.Array(Type.String({ pattern: TOKEN }), { minItems: 1 })),
      'Cookie names. Default: JSESSIONID, PHPSESSID.'
    )
  },
  read: (element, reader) => omitUndefined({
    ...readSettings(element, reader),
    cookies: element.attribute('cookies')?.split(/[\s,]+/).filter(Boolean)
  }),
  write ({ cookies, ...config }) {
    const [attributes, ...nodes] = writeSettings(config)
    return [{ ...attributes, cookies: cookies?.join(' ') }, ...nodes]
  },
  build ({ cookies = ['JSESSIONID', 'PHPSESSID'], ...config }, { now }) {
    const names: ReadonlySet<string> = new Set(cookies)
    const idOf = ({ name, value }: Cookie): string[] => names.has(name) && value !== '' ? [`${name}=${value}`] : []
    const idsIn = (all: readonly Cookie[]): string[] => [...new Set(all.flatMap(idOf))].slice(0, MAX_COOKIES)
    return tableSession({
      idsInRequest: request => idsIn(cookiesOf(request.headers)),
      idsInResponse: response => idsIn(cookiesSet(response.headers, now())),
      withoutStaleIds (request) {
        const headers = withoutCookies(request.headers, names)
        return headers === request.headers ? request : { ...request, headers }
      }
    }, config)
  }
})
