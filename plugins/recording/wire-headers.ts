import type { Headers } from '../../lib/message/headers.js'
import { requestHead } from '../http/client/request-head.js'
import type { UpstreamCall } from '../http/upstream/upstream-transport.js'

/** What a head ends with. */
const END = '\r\n\r\n'

/** The headers of a request as they are written to a connection: with Host, Connection and the framing of the body. */
export function wireHeaders (call: UpstreamCall, origin: string): Headers {
  let head: string
  try {
    head = requestHead(call, new URL(origin).host).text
  } catch {
    // It cannot be sent, and is not.
    return call.headers
  }
  const [, ...lines] = head.slice(0, -END.length).split('\r\n')
  return lines.flatMap(line => {
    const end = line.indexOf(': ')
    return [line.slice(0, end), line.slice(end + 2)]
  })
}
