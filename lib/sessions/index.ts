import { cookie } from './cookie.js'
import { header } from './header.js'
import { http } from './http.js'
import { simpleClientSession } from './simple-client-session.js'
import { soap } from './soap.js'

/** The built-in session kinds. To add one: write a file and a line here. */
export const sessions = [simpleClientSession, http, soap, cookie, header] as const
