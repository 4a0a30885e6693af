import { cookie } from './cookie.js'
import { header } from './header.js'
import { http } from './http.js'
import { simpleClientSession } from './simple-client-session.js'
import { soap } from './soap.js'

/** Every kind of session there is. A new one: one file, one line here. */
export const sessions = [simpleClientSession, http, soap, cookie, header] as const
