import t from 'tap'
import { CODES, describeFault, type CodeName } from '../../lib/message/fault.js'
import { CLIENT_DISCONNECTED, classifyError, isGatewayFault, TIMED_OUT } from '../../plugins/http/classify-error.js'

const error = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code })

const TABLE: Array<[string, Error, boolean, CodeName, number | undefined, RegExp]> = [
  ['refused', error('ECONNREFUSED'), false, 'CONNECTION_FAILED', undefined, /^No connection to the endpoint: it was refused$/],
  ['unknown host', error('ENOTFOUND'), false, 'CONNECTION_FAILED', undefined, /host is unknown/],
  ['no name server', error('EAI_AGAIN'), false, 'CONNECTION_FAILED', undefined, /name server/],
  ['nobody accepts', error('UND_ERR_CONNECT_TIMEOUT'), false, 'CONNECT_TIMEOUT', undefined, /did not accept a connection in time/],
  ['nobody accepts, says the kernel', error('ETIMEDOUT'), false, 'CONNECT_TIMEOUT', undefined, /did not accept/],
  ['certificate', error('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), false, 'CONNECTION_FAILED', undefined, /TLS failed: self-signed certificate/],
  ['not TLS', error('EPROTO', 'write EPROTO\nsecond line'), false, 'CONNECTION_FAILED', undefined, /TLS failed: write EPROTO$/],
  ['reset while connecting', error('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'), false, 'CONNECTION_FAILED', undefined, /TLS failed/],
  ['anything while connecting', error('EMFILE', 'too many open files'), false, 'CONNECTION_FAILED', undefined, /too many open files/],
  ['late', TIMED_OUT, true, 'CONNECTION_TIMEOUT', 101507, /did not answer in time/],
  ['closed', error('UND_ERR_SOCKET', 'other side closed'), true, 'CONNECTION_CLOSED', 101508, /closed the connection/],
  ['reset', error('ECONNRESET'), true, 'CONNECTION_CLOSED', 101503, /reset the connection/],
  ['broken pipe', error('EPIPE'), true, 'CONNECTION_CLOSED', 101503, /reset/],
  ['no HTTP', Object.assign(new Error('x'), { name: 'HTTPParserError' }), true, 'PROTOCOL_VIOLATION', 101509, /not HTTP/],
  ['no HTTP after a length', error('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), true, 'PROTOCOL_VIOLATION', 101509, /not HTTP/],
  ['too many headers', error('UND_ERR_HEADERS_OVERFLOW'), true, 'PROTOCOL_VIOLATION', 101509, /too large/],
  ['left', CLIENT_DISCONNECTED, true, 'CONNECT_CANCEL', undefined, /left/],
  ['our mistake', error('UND_ERR_INVALID_ARG', 'invalid header'), false, 'SENDING', undefined, /could not be written/]
]

for (const [name, cause, sent, code, alias, reason] of TABLE) {
  t.test(name, async t => {
    const fault = classifyError(cause, sent)
    t.equal(fault.code, CODES[code])
    t.equal(fault.passThroughCode, alias)
    t.equal(fault.requestSent, sent)
    t.match(describeFault(fault), reason)
    t.notMatch(describeFault(fault), /\n/)
  })
}

t.test('a log does not get the bytes that a back-end sent', async t => {
  const cause = Object.assign(error('x'), { name: 'HTTPParserError', data: 'secret' })
  t.notOk('data' in (classifyError(cause, true).cause as object))
})

t.test('whose mistake it is', async t => {
  t.ok(isGatewayFault(error('UND_ERR_NOT_SUPPORTED')))
  t.notOk(isGatewayFault(error('ECONNRESET')))
  t.notOk(isGatewayFault(new Error('x')))
})
