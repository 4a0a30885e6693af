import type { MessageDetail, PartView } from '../../admin/messages/message-views.js'

/** These frame the body that was sent, and not the one that is kept. */
const FRAMING = /^(content-length|transfer-encoding|content-encoding|connection)$/i
/** What stands for a hidden value. */
const HIDDEN = '***'

type RecordedRequest = Pick<MessageDetail, 'method' | 'path' | 'request'>

/** The headers of a part, without those that frame its body. */
const headersOf = ({ headers }: PartView): PartView['headers'] => headers.filter(([name]) => !FRAMING.test(name))

/** `name: value` lines. Hidden values are `***`. @param without names of headers, in lower case, that are left out */
export const headerLines = (part: PartView, without: readonly string[] = []): string =>
  headersOf(part)
    .filter(([name]) => !without.includes(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : HIDDEN}`)
    .join('\n')

/** A recorded request as a whole HTTP request. Hidden values are `***`; a body that was not kept is left out. */
export const requestOfMessage = ({ method, path, request }: RecordedRequest): string =>
  `${method} ${path} HTTP/1.1\n${headerLines(request)}\n\n${request.body.text ?? ''}`

/**
 * A recorded request as a command for a shell of POSIX. Hidden values of headers are variables that the operator sets,
 * `$AUTHORIZATION`; in bodies and queries they stay `***`. The address is the variable `$GATEWAY`: that of the recorded
 * request is the client's word. A body that was not kept is left out.
 */
export function curlOf ({ method, path, request }: RecordedRequest): string {
  const words = [`curl -g -X ${quoted(method)} "$GATEWAY"${quoted(path)}`]
  for (const [name, value] of headersOf(request)) {
    if (/^host$/i.test(name)) continue
    const isHidden = typeof value !== 'string'
    words.push(isHidden ? `-H "${inDoubleQuotes(name)}: $${variableOf(name)}"` : `-H ${quoted(`${name}: ${value}`)}`)
  }
  if (request.body.text !== null) words.push(`--data-raw ${quoted(request.body.text)}`)
  return words.join(' \\\n  ')
}

/** Why a recorded request cannot be sent again; undefined: it can. */
export const whyNotRepeatable = ({ body }: PartView): string | undefined =>
  body.text !== null && body.isCut ? 'only the start of the body is kept' : undefined

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const inDoubleQuotes = (text: string): string => text.replace(/[\\"$`]/g, '\\$&')

const variableOf = (name: string): string => name.toUpperCase().replace(/\W/g, '_').replace(/^\d/, '_$&')
