import { simpleClientSession } from './simple-client-session.js'

/** Every kind of session there is. A new one: one file, one line here. */
export const sessions = [simpleClientSession] as const
