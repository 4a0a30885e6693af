import { NO_BODY, type Message } from '../../../lib/message/message.js'
import type { Exchange } from '../../http/server/exchange.js'

/** As much of a request as its fault needs. */
export const headOnly = ({ request: { rawHeaders, method = 'POST', url } }: Exchange): Message => ({
  direction: 'request',
  method,
  path: '',
  query: '',
  headers: rawHeaders,
  addressing: { to: url },
  properties: {},
  axis2: {},
  read: false,
  body: NO_BODY
})
