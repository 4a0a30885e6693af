import type { MessageDetail } from '../../admin/message-views.js'

/** These frame the body that was sent, and not the one that is kept. */
const FRAMING = /^(content-length|transfer-encoding|content-encoding|connection)$/i

/** A recorded request as a whole HTTP request. Hidden values are `***`; a body that was not kept is left out. */
export function requestOfMessage ({
  method,
  path,
  request
}: Pick<MessageDetail, 'method' | 'path' | 'request'>): string {
  const lines = request.headers.flatMap(([name, value]) =>
    FRAMING.test(name) ? [] : [`${name}: ${typeof value === 'string' ? value : '***'}`]
  )
  return `${method} ${path} HTTP/1.1\n${lines.join('\n')}\n\n${request.body.text ?? ''}`
}
