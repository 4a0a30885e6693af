import { isNamed } from '../../../lib/message/headers.js'

/**
 * The classes of headers that the gateway treats apart: hop-by-hop headers, which belong to one connection and are
 * never forwarded, those that frame the body, and those that it reads or writes itself.
 * @see RFC 9110, section 7.6.1
 */
export const END_TO_END = 0
export const HOP_BY_HOP = 1
export const CONNECTION = 2
export const CONTENT_LENGTH = 3
export const TRANSFER_ENCODING = 4
export const CONTENT_TYPE = 5
export const SOAP_ACTION = 6
export const USER_AGENT = 7
export const HOST = 8
export const DATE = 9

/** Sets the bit by which small letters differ from capital ones. */
const LOWER = 0x20

/** Whether a header has this name. @param usual how most senders write it */
export const is = (name: string, lower: string, usual = lower): boolean => name === usual || isNamed(name, lower)

/** Classifies a header by its name. Looks at the length first: most names need no comparison. */
export function classOf (name: string): number {
  switch (name.length) {
    case 2:
      return is(name, 'te', 'TE') ? HOP_BY_HOP : END_TO_END
    case 4:
      return is(name, 'date', 'Date') ? DATE : is(name, 'host', 'Host') ? HOST : END_TO_END
    case 6:
      return is(name, 'expect') ? HOP_BY_HOP : END_TO_END
    case 7:
      return is(name, 'trailer') || is(name, 'upgrade') ? HOP_BY_HOP : END_TO_END
    case 10:
      return classOfTen(name)
    case 12:
      return is(name, 'content-type', 'Content-Type') ? CONTENT_TYPE : END_TO_END
    case 14:
      return is(name, 'content-length', 'Content-Length') ? CONTENT_LENGTH : END_TO_END
    case 16:
      return is(name, 'proxy-connection') ? HOP_BY_HOP : END_TO_END
    case 17:
      return is(name, 'transfer-encoding', 'Transfer-Encoding') ? TRANSFER_ENCODING : END_TO_END
    case 18:
      return is(name, 'proxy-authenticate') ? HOP_BY_HOP : END_TO_END
    case 19:
      return is(name, 'proxy-authorization') ? HOP_BY_HOP : END_TO_END
    case 25:
      return is(name, 'proxy-authentication-info') ? HOP_BY_HOP : END_TO_END
    default:
      return END_TO_END
  }
}

function classOfTen (name: string): number {
  switch (name.charCodeAt(0) | LOWER) {
    case 99:
      return is(name, 'connection', 'Connection') ? CONNECTION : END_TO_END
    case 117:
      return is(name, 'user-agent', 'User-Agent') ? USER_AGENT : END_TO_END
    case 115:
      return is(name, 'soapaction', 'SOAPAction') ? SOAP_ACTION : END_TO_END
    case 107:
      return is(name, 'keep-alive', 'Keep-Alive') ? HOP_BY_HOP : END_TO_END
    default:
      return END_TO_END
  }
}
