import t from 'tap'
import { CODES, describeFault, type CodeName } from '../../lib/message/fault.js'
import { FAILURE_CLASSES, type FailureClass, type FailureClassName } from '../../plugins/http/upstream/failure-classes.js'
import { undiciFailure } from '../../plugins/http/upstream/undici-failure.js'
import { faultOf, outcomeOf, type FailureContext } from '../../plugins/http/upstream/failure-outcome.js'

const error = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code })
const named = (name: string): Error => Object.assign(new Error('x'), { name })

const ERRORS: Array<[string, Error, boolean, FailureClassName, RegExp]> = [
  ['refused', error('ECONNREFUSED'), false, 'refused', /^No connection to the endpoint: it was refused$/],
  ['unknown host', error('ENOTFOUND'), false, 'unknownHost', /host is unknown/],
  ['no name server', error('EAI_AGAIN'), false, 'nameServerFailed', /name server/],
  ['no route', error('EHOSTUNREACH'), false, 'refused', /no route to the host/],
  [
    'connect timeout of undici',
    error('UND_ERR_CONNECT_TIMEOUT'),
    false,
    'connectTimeout',
    /did not accept a connection in time/
  ],
  ['connect timeout of the kernel', error('ETIMEDOUT'), false, 'connectTimeout', /did not accept/],
  [
    'certificate',
    error('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'),
    false,
    'tls',
    /TLS failed: the certificate of the endpoint is self-signed/
  ],
  ['not TLS', error('EPROTO', 'write EPROTO\nsecond line'), false, 'tls', /TLS failed: write EPROTO$/],
  [
    'reset during TLS',
    error('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'),
    false,
    'tls',
    /TLS failed/
  ],
  [
    'unknown error while connecting',
    error('EPERM', 'operation not permitted'),
    false,
    'refused',
    /operation not permitted/
  ],
  [
    'no descriptor left',
    error('EMFILE', 'too many open files'),
    false,
    'exhausted',
    /no socket left: too many open files/
  ],
  ['no buffer left', error('ENOBUFS'), false, 'exhausted', /no socket left/],
  ['closed', error('UND_ERR_SOCKET', 'other side closed'), true, 'closed', /closed the connection/],
  ['reset', error('ECONNRESET'), true, 'reset', /reset the connection/],
  ['broken pipe', error('EPIPE'), true, 'reset', /reset/],
  ['not HTTP', named('HTTPParserError'), true, 'protocolError', /not HTTP/],
  ['not HTTP after a length', error('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), true, 'protocolError', /not HTTP/],
  ['head too large', error('UND_ERR_HEADERS_OVERFLOW'), true, 'headTooLarge', /too large/],
  [
    'invalid request',
    error('UND_ERR_INVALID_ARG', 'invalid header'),
    false,
    'invalidRequest',
    /could not be written: invalid header/
  ]
]

for (const [name, cause, sent, expected, reason] of ERRORS) {
  t.test(`an error of undici is classified: ${name}`, async t => {
    const failure = undiciFailure(cause, sent)
    t.equal(failure.name, expected)
    t.match(describeFault(faultOf(failure)), reason)
    t.notMatch(describeFault(faultOf(failure)), /\n/)
  })
}

t.test('the cause of a failure holds no bytes of the response', async t => {
  const cause = Object.assign(named('HTTPParserError'), { data: 'secret' })
  t.notOk('data' in undiciFailure(cause, true).cause!)
})

const CONTEXT: FailureContext = { clientDisconnected: false, headReceived: false, bodyConsumed: false }

type Expected = [kind: 'failed any' | 'failed none' | 'refused', code: CodeName]
const OUTCOMES: Array<[string, FailureClassName, Partial<FailureContext>, Expected]> = [
  ['before the head', 'closed', {}, ['failed any', 'CONNECTION_CLOSED']],
  ['a late head', 'responseTimeout', {}, ['failed any', 'CONNECTION_TIMEOUT']],
  ['before the connection', 'refused', {}, ['failed any', 'CONNECTION_FAILED']],
  ['with a consumed body', 'closed', { bodyConsumed: true }, ['failed none', 'CONNECTION_CLOSED']],
  ['after the head', 'reset', { headReceived: true }, ['failed none', 'RECEIVING']],
  ['after the client disconnected', 'reset', { clientDisconnected: true }, ['failed none', 'CONNECT_CANCEL']],
  ['a response too large', 'responseTooLarge', { headReceived: true }, ['refused', 'RECEIVING']],
  ['a head too large', 'headTooLarge', {}, ['refused', 'RECEIVING']],
  ['an invalid request', 'invalidRequest', {}, ['refused', 'SENDING']],
  ['a truncated request', 'requestTruncated', { bodyConsumed: true }, ['refused', 'SENDING']],
  ['no descriptor left', 'exhausted', {}, ['refused', 'SENDING']],
  ['no name server', 'nameServerFailed', {}, ['refused', 'CONNECTION_FAILED']],
  ['the limit of requests', 'tooManyRequests', {}, ['refused', 'NOT_READY']]
]

for (const [name, failure, context, [kind, code]] of OUTCOMES) {
  t.test(`the outcome of a failure: ${name}`, async t => {
    const outcome = outcomeOf({ name: failure }, { ...CONTEXT, ...context })
    t.equal(outcome.kind === 'failed' ? `failed ${outcome.retry}` : 'refused', kind)
    t.equal(outcome.fault.code, CODES[code])
  })
}

t.test('a client gets status 503 while the gateway has no socket left', async t => {
  const outcome = outcomeOf({ name: 'exhausted' }, CONTEXT)
  t.match(outcome, { kind: 'refused', fault: { status: 503, reason: 'The gateway has no socket left' } })
})

t.test('the outcome of each class follows the table', async t => {
  for (const [name, row] of Object.entries<FailureClass>(FAILURE_CLASSES)) {
    const outcome = outcomeOf({ name: name as FailureClassName }, CONTEXT)
    if (name !== 'clientDisconnected') t.equal(outcome.kind, row.countsAgainstEndpoint ? 'failed' : 'refused', name)
    if (outcome.kind === 'failed') t.equal(outcome.retry, row.mayFailOver ? 'any' : 'none', name)
    t.equal(outcome.fault.requestSent, row.requestSent, name)
  }
})
