import type { Class } from './compare.js'
import type { SoapFault } from './meaning.js'

/** Exchanges that differ from the engine, and are meant to. */
export interface Known {
  /** The id of the row of docs/differences.md that explains it. */
  readonly row: string
  /** `name` of a case, or `name 1 3` for its first and third exchange. */
  readonly where: string
  /**
   * What may differ: a class of differences, or one of it: `header location`, `backend header soapaction`, `fault
   * reason`.
   */
  readonly differs: readonly (Class | `${Class} ${string}`)[]
  /** What must hold instead. */
  readonly expect?: Expectation
}

export interface Expectation {
  readonly status?: number
  readonly fault?: Partial<SoapFault>
  /** Headers of the response by name; null: absent; an empty one is `(empty)`. */
  readonly header?: Readonly<Record<string, string | null>>
  /** Headers that every tried back-end got; null: absent. */
  readonly toBackend?: Readonly<Record<string, string | null>>
  /** The path that the first back-end received. */
  readonly path?: string
  /** Names of the back-ends that were tried, in order. */
  readonly tried?: string
  /** A part of the body. */
  readonly body?: string
  /** It comes sooner than there. */
  readonly sooner?: true
  /** Whether the response came to its end. */
  readonly complete?: boolean
  /** A part of what is said about the configuration that is not served. */
  readonly refused?: string
}

/** Classes that one row explains wherever they occur. */
export const EVERYWHERE: { readonly [Each in Class]?: string } = { echo: 'echo', artefact: 'content-type-invented' }

const PASSES: Expectation = { status: 200, tried: 'b1' }
const FAULT: Expectation = { status: 500 }
/** The fault sequence of many recorded configurations sends these. */
const ERROR_HEADERS = ['header x-code', 'header x-message', 'header x-detail'] as const
/** There a fault or no response, here the response of a back-end. */
const FAULT_OR_RESPONSE = ['attempts', 'status', 'fault', 'body', 'header content-type', ...ERROR_HEADERS] as const

export const DIFFERENCES: readonly Known[] = [
  // addresses
  {
    row: 'joined-addresses',
    where: 'endpoint-address-properties 2',
    differs: ['backend request line'],
    expect: { path: '/s/a?fixed=1&x=1' }
  },
  {
    row: 'joined-addresses',
    where: 'wk-rest-postfix 8',
    differs: ['backend request line'],
    expect: { path: '/base/a' }
  },
  {
    row: 'wsdl-any-case',
    where: 'wsdl-none 6',
    differs: ['attempts', 'body', 'header content-type'],
    expect: { status: 200, body: 'definitions' }
  },
  // addressing
  {
    row: 'plain-soapaction',
    where: 'wsa-final 6',
    differs: ['backend header soapaction'],
    expect: { toBackend: { soapaction: '"urn:act"' } }
  },
  {
    row: 'addressing-contradicts',
    where: 'wsa-invalid 1 3 4 5',
    differs: ['fault reason', 'fault headers', 'header x-code'],
    expect: { status: 500, tried: '', header: { 'x-code': '601000' } }
  },
  { row: 'invalid-message', where: 'wsa-invalid 2', differs: FAULT_OR_RESPONSE, expect: PASSES },
  { row: 'relates-to-invented', where: 'wsa-invalid 6', differs: ['body'], expect: PASSES },

  // content
  { row: 'charsets', where: 'content-charsets 9', differs: FAULT_OR_RESPONSE, expect: PASSES },
  {
    row: 'charsets',
    where: 'content-charsets 10',
    differs: ['backend header content-type', 'body', 'header content-type'],
    expect: { ...PASSES, toBackend: { 'content-type': 'text/xml; charset=UTF-8' } }
  },
  { row: 'comment-first', where: 'content-preserved 2', differs: ['attempts', 'status'], expect: PASSES },

  // endpoints
  { row: 'wso2-kinds', where: 'endpoint-http', differs: ['attempts', 'status', 'body'], expect: PASSES },
  { row: 'content-type-after-conversion', where: 'endpoint-default 2', differs: ['header content-type'] },
  {
    row: 'load-balance-spelling',
    where: 'endpoint-load-balance-spelling 1',
    differs: ['attempts', 'status', 'body'],
    expect: PASSES
  },
  {
    row: 'unknown-service',
    where: 'endpoint-load-balance-spelling 2 3 5',
    differs: ['status', 'body', 'header content-type'],
    expect: { status: 404, tried: '' }
  },
  {
    row: 'broken-artefact',
    where: 'endpoint-load-balance-spelling 4',
    differs: FAULT_OR_RESPONSE,
    expect: { status: 404, tried: '' }
  },

  // engine-faults
  {
    row: 'unreadable-message',
    where: 'bad-message-read 1 3 4',
    differs: ['fault headers', 'header x-code'],
    expect: { status: 500, tried: '', header: { 'x-code': '601000' } }
  },
  {
    row: 'unreadable-message',
    where: 'bad-message-read 11',
    differs: ['fault headers', ...ERROR_HEADERS],
    expect: { status: 500, tried: '', header: { 'x-code': '601000', 'x-message': 'Error while building message' } }
  },
  {
    row: 'doctype',
    where: 'bad-message-read 5',
    differs: ['fault headers', 'header x-code'],
    expect: { status: 500, tried: '', header: { 'x-code': '601000' } }
  },
  { row: 'read-as-far-as-needed', where: 'bad-message-read 2 8 9', differs: FAULT_OR_RESPONSE, expect: PASSES },
  { row: 'read-as-far-as-needed', where: 'bad-message-read 10', differs: ['backend body'], expect: PASSES },
  { row: 'envelope-by-root', where: 'bad-message-read 6 7', differs: FAULT_OR_RESPONSE, expect: PASSES },
  {
    row: 'unreadable-response',
    where: 'bad-answer 1 2',
    differs: ['status', 'fault headers', 'header x-code'],
    expect: { status: 500, header: { 'x-code': '601000' } }
  },
  {
    row: 'no-builder',
    where: 'bad-answer 3',
    differs: ['body', 'header content-type'],
    expect: { status: 200, body: 'plain' }
  },
  {
    row: 'envelope-by-root',
    where: 'bad-answer 4',
    differs: FAULT_OR_RESPONSE,
    expect: { status: 200, body: '<a/>' }
  },

  // failures
  {
    row: 'error-codes',
    where: 'fail-close 1 2',
    differs: ['header x-code'],
    expect: { status: 500, header: { 'x-code': '101505' } }
  },
  {
    row: 'fault-after-unread',
    where: 'fail-close-unread',
    differs: ['status'],
    expect: { status: 500, fault: { version: '1.1', reason: 'failed' } }
  },
  {
    row: 'truncated-responses',
    where: 'fail-cut 1 2',
    differs: ['status complete', 'body'],
    expect: { status: 200, complete: false }
  },
  { row: 'truncated-responses', where: 'fail-cut 3', differs: ['status'], expect: FAULT },
  {
    row: 'endpoint-timeout',
    where: 'fail-timeout-fault 1',
    differs: ['header x-code'],
    expect: {
      status: 500,
      header: { 'x-code': '101504', 'x-message': 'Send timeout', 'x-sending': null },
      sooner: true
    }
  },
  {
    row: 'body-on-failover',
    where: 'fail-failover 3',
    differs: ['backend body'],
    expect: { status: 200, tried: 'b1 b2' }
  },
  {
    row: 'body-on-failover',
    where: 'fail-body-lost 2',
    differs: ['backend body', 'body', 'header content-type'],
    expect: { status: 200, tried: 'b1 b2', body: 'b2' }
  },
  { row: 'no-shared-buffers', where: 'fail-body-lost 3 4', differs: ['body'], expect: { status: 200, body: 'b3' } },

  // flow
  { row: 'no-response', where: 'flow-echo-by-send 2', differs: ['status'], expect: { status: 200 } },
  {
    row: 'no-response',
    where: 'flow-echo-by-send 3 4',
    differs: ['status'],
    expect: { ...FAULT, fault: { version: '1.1' } }
  },
  { row: 'no-response', where: 'flow-drop-out', differs: ['status'], expect: { status: 202 } },
  {
    row: 'no-fault-sequence',
    where: 'flow-no-out 2 3',
    differs: ['status'],
    expect: { status: 500, fault: { version: '1.1' } }
  },

  // formats
  { row: 'content-type-after-conversion', where: 'format-soap11 2', differs: ['header content-type'] },
  {
    row: 'content-type-after-conversion',
    where: 'format-soap11 3',
    differs: ['header content-type'],
    expect: { status: 200, header: { 'content-type': 'application/xml; charset=UTF-8' } }
  },
  {
    row: 'content-type-after-conversion',
    where: 'format-soap12 3',
    differs: ['header content-type'],
    expect: { status: 200, header: { 'content-type': 'application/xml; charset=UTF-8' } }
  },
  { row: 'content-type-after-conversion', where: 'format-soap12 1', differs: ['header content-type'] },
  {
    row: 'other-soap-version',
    where: 'format-answers 1 2',
    differs: ['body', 'header content-type'],
    expect: { status: 200, header: { 'content-type': 'application/soap+xml; charset=UTF-8' } }
  },
  {
    row: 'other-soap-version',
    where: 'format-answers 4',
    differs: ['body', 'header content-type'],
    expect: { status: 200, header: { 'content-type': 'text/xml; charset=UTF-8' } }
  },
  {
    row: 'content-type-after-conversion',
    where: 'format-answers 3',
    differs: ['header content-type'],
    expect: { status: 200, header: { 'content-type': 'application/soap+xml; charset=UTF-8' } }
  },
  {
    row: 'content-type-after-conversion',
    where: 'format-answers 5',
    differs: ['header content-type'],
    expect: { status: 200, header: { 'content-type': 'text/xml; charset=UTF-8' } }
  },
  {
    row: 'relative-location',
    where: 'format-json 2',
    differs: ['status'],
    expect: { status: 201, tried: 'b1', header: { location: '/things/7' } }
  },
  {
    row: 'no-builder',
    where: 'format-json 3',
    differs: [...FAULT_OR_RESPONSE, 'header location'],
    expect: { status: 201, tried: 'b1', body: '{"made":7}' }
  },

  // header
  {
    row: 'envelope-by-root',
    where: 'header-action 2',
    differs: ['backend header soapaction', 'backend body', 'body', 'header content-type'],
    expect: { ...PASSES, body: 'Envelope', toBackend: { soapaction: '"urn:placeOrder"' } }
  },
  {
    row: 'action-removed',
    where: 'header-action 5',
    differs: ['backend header soapaction'],
    expect: { ...PASSES, toBackend: { soapaction: null } }
  },
  {
    row: 'header-without-namespace',
    where: 'header-no-prefix',
    differs: ['start'],
    expect: { refused: 'unknown header "Foo"' }
  },
  {
    row: 'broken-artefact',
    where: 'header-refused',
    differs: ['start'],
    expect: { refused: 'the prefix q of header "q:Foo" is not declared' }
  },

  // http
  {
    row: 'methods',
    where: 'http-methods 2',
    differs: ['backend request line', 'status bytes after the response'],
    expect: { ...PASSES, path: '/s/a?b=c' }
  },
  { row: 'methods', where: 'http-methods 4 5 7', differs: ['attempts', 'status'], expect: PASSES },
  { row: 'accepted-body', where: 'http-statuses 3', differs: ['body'], expect: { status: 202 } },
  {
    row: 'bodyless-statuses',
    where: 'http-statuses 4',
    differs: ['status bytes after the response'],
    expect: { status: 204 }
  },
  {
    row: 'bodyless-statuses',
    where: 'http-statuses 7',
    differs: ['status bytes after the response'],
    expect: { status: 304 }
  },
  {
    row: 'location',
    where: 'http-statuses 5',
    differs: ['header location'],
    expect: { status: 201, header: { location: '/services/HttpStatuses/7' } }
  },
  {
    row: 'hop-by-hop',
    where: 'http-headers',
    differs: [
      'backend header proxy-authorization',
      'backend header te',
      'backend header x-hop',
      'header proxy-authenticate',
      'header upgrade'
    ],
    expect: {
      ...PASSES,
      header: { upgrade: null },
      toBackend: { te: null, 'x-hop': null, 'proxy-authorization': null }
    }
  },
  {
    row: 'expect',
    where: 'http-expect 1 3',
    differs: ['backend header expect'],
    expect: { ...PASSES, toBackend: { expect: null } }
  },

  // makefault
  { row: 'fault-for-plain-clients', where: 'makefault-adaptive 3 5 6', differs: ['status'], expect: FAULT },
  {
    row: 'fault-for-plain-clients',
    where: 'makefault-adaptive 4',
    differs: ['body', 'header content-type'],
    expect: { status: 500, body: '<Exception>' }
  },
  {
    row: 'content-type-after-conversion',
    where: 'makefault-soap11 2',
    differs: ['header content-type'],
    expect: { fault: { version: '1.1' }, header: { 'content-type': 'text/xml; charset=UTF-8' } }
  },
  {
    row: 'fault-for-plain-clients',
    where: 'makefault-soap11 3',
    differs: ['body'],
    expect: { status: 500, body: '<Exception>some text</Exception>' }
  },
  {
    row: 'fault-for-plain-clients',
    where: 'makefault-soap11 4',
    differs: ['body', 'header content-type'],
    expect: { status: 500, body: '<Exception>some text</Exception>' }
  },
  {
    row: 'content-type-after-conversion',
    where: 'makefault-soap12 1',
    differs: ['header content-type'],
    expect: { fault: { version: '1.2' }, header: { 'content-type': 'application/soap+xml; charset=UTF-8' } }
  },
  {
    row: 'fault-for-plain-clients',
    where: 'makefault-soap12 3',
    differs: ['body'],
    expect: { status: 500, body: '<Exception>' }
  },
  {
    row: 'fault-for-plain-clients',
    where: 'makefault-soap12 4',
    differs: ['body', 'header content-type'],
    expect: { status: 500, body: '<Exception>' }
  },
  {
    row: 'fault-for-plain-clients',
    where: 'makefault-pox 3',
    differs: ['status'],
    expect: { status: 500, body: '<Exception>plain</Exception>' }
  },
  {
    row: 'fault-for-plain-clients',
    where: 'makefault-pox 4',
    differs: ['status'],
    expect: { status: 500, body: '<Exception>' }
  },
  {
    row: 'other-soap-version',
    where: 'makefault-response 3',
    differs: ['body', 'header content-type'],
    expect: { ...PASSES, header: { 'content-type': 'text/xml; charset=UTF-8' } }
  },
  {
    row: 'broken-artefact',
    where: 'makefault-refused',
    differs: ['start'],
    expect: { refused: '<makefault> needs a <code>' }
  },

  // seeds
  {
    row: 'publish-wsdl',
    where: 'seed000-all-refused 4',
    differs: ['body'],
    expect: { status: 500, body: '<Exception>' }
  },
  {
    row: 'default-response-action',
    where: 'seed000-addressed 1',
    differs: ['body'],
    expect: { status: 200, body: 'urn:mediateResponse' }
  },
  { row: 'publish-wsdl', where: 'seed000-odd-clients 1 2 3 6', differs: FAULT_OR_RESPONSE, expect: { status: 200 } },
  {
    row: 'unreadable-message',
    where: 'seed000-odd-clients 7 8',
    differs: ['fault headers'],
    expect: { status: 500, tried: '' }
  },
  {
    row: 'plain-soapaction',
    where: 'seed000-without-wsdl 3',
    differs: ['backend header soapaction'],
    expect: { status: 200, toBackend: { soapaction: null } }
  },
  {
    row: 'fault-for-plain-clients',
    where: 'seed000-without-wsdl 7',
    differs: ['body', 'header content-type'],
    expect: { status: 500, body: '<Exception>' }
  },
  {
    row: 'unreadable-wsdl',
    where: 'seed000-wsdl-missing',
    differs: ['attempts', 'status', 'body', 'header content-type'],
    expect: PASSES
  },
  {
    row: 'envelope-by-root',
    where: 'seed001-by-send 1',
    differs: ['backend header soapaction', 'backend body', 'body', 'header content-type'],
    expect: { ...PASSES, body: 'Envelope' }
  },
  {
    row: 'content-type-after-conversion',
    where: 'seed001-by-send 7',
    differs: ['header content-type'],
    expect: { fault: { version: '1.1' }, header: { 'content-type': 'text/xml; charset=UTF-8' } }
  },
  { row: 'wso2-kinds', where: 'seed001-as-written', differs: ['attempts', 'status', 'body'], expect: PASSES },

  // sessions
  {
    row: 'session-cookie',
    where: 'session-http 4 5 6',
    differs: ['backend header cookie'],
    expect: { status: 200 }
  },
  {
    row: 'session-cookie',
    where: 'session-http 8',
    differs: ['attempts', 'backend header cookie', 'body', 'header Set-Cookie'],
    expect: PASSES
  },
  { row: 'session-expiry', where: 'session-timeout 3', differs: ['attempts', 'body'], expect: PASSES },

  // well-known
  { row: 'no-response', where: 'wk-force-sc-accepted 2', differs: ['status'], expect: { status: 202, tried: 'b1' } },
  {
    row: 'content-type-after-conversion',
    where: 'wk-message-type 1',
    differs: ['backend header content-type', 'backend header soapaction'],
    expect: { ...PASSES, toBackend: { 'content-type': 'application/xml; charset=UTF-8', soapaction: null } }
  },
  {
    row: 'content-type-after-conversion',
    where: 'wk-message-type 3',
    differs: ['header content-type'],
    expect: { status: 200, header: { 'content-type': 'application/xml; charset=UTF-8' } }
  },
  {
    row: 'framing',
    where: 'wk-framing',
    differs: [
      'header transfer-encoding',
      'header content-length',
      'header framing',
      'backend header transfer-encoding',
      'backend header content-length',
      'backend framing'
    ],
    expect: PASSES
  },
  { row: 'framing', where: 'wk-framing 2', differs: ['backend request line'] },
  {
    row: 'soap-fault-is-a-failure',
    where: 'wk-soap-fault-error',
    differs: ['attempts', 'status', 'body', 'fault', 'header content-type'],
    expect: { status: 200, tried: 'b1 b2' }
  },

  // wsdl
  {
    row: 'generated-wsdl',
    where: 'wsdl-none 1 7',
    differs: ['body', 'header content-type'],
    expect: { status: 200, body: 'definitions' }
  },
  {
    row: 'generated-wsdl',
    where: 'wsdl-none 2',
    differs: ['status'],
    expect: { status: 200, body: 'description' }
  },
  { row: 'generated-wsdl', where: 'wsdl-none 3', differs: ['body'], expect: { status: 200, body: 'schema' } },
  { row: 'generated-wsdl', where: 'wsdl-none 4', differs: ['status'], expect: { status: 404 } },
  {
    row: 'unknown-service',
    where: 'wsdl-none 8',
    differs: ['status', 'body', 'header content-type'],
    expect: { status: 404 }
  },
  {
    row: 'generated-wsdl',
    where: 'wsdl-none 9',
    differs: ['attempts', 'header content-type', 'status bytes after the response'],
    expect: { status: 200, tried: '' }
  },
  {
    row: 'generated-wsdl',
    where: 'wsdl-uri 1 2 3',
    differs: ['body', 'header content-type'],
    expect: { status: 200, body: 'urn:golden:shop' }
  },
  { row: 'publish-wsdl', where: 'wsdl-uri 5 6 7 9', differs: FAULT_OR_RESPONSE, expect: PASSES },
  { row: 'no-response', where: 'wsdl-uri 8', differs: ['status'], expect: PASSES },
  { row: 'read-as-far-as-needed', where: 'wsdl-uri 11', differs: FAULT_OR_RESPONSE, expect: PASSES },
  {
    row: 'unknown-service',
    where: 'wsdl-uri 12',
    differs: ['status', 'body', 'header content-type'],
    expect: { status: 404 }
  },
  {
    row: 'unreadable-wsdl',
    where: 'wsdl-broken 1 3 5',
    differs: ['attempts', 'status', 'body', 'header content-type'],
    expect: PASSES
  },
  {
    row: 'unreadable-wsdl',
    where: 'wsdl-broken 2 4 6',
    differs: ['status', 'body', 'header content-type'],
    expect: { status: 503, body: 'cannot be published' }
  },
  {
    row: 'own-faults',
    where: 'proxy-availability 1 2',
    differs: ['fault detail', 'fault headers', 'header content-type'],
    expect: { status: 500, tried: '', fault: { detail: '0 code=0', headers: '' } }
  },
  {
    row: 'own-faults',
    where: 'proxy-availability 3',
    differs: ['body'],
    expect: {
      status: 500,
      tried: '',
      body: '<Exception>The system is attempting to access an inactive service: ProxyStopped</Exception>'
    }
  },
  {
    row: 'transports-https',
    where: 'proxy-availability 5 6',
    differs: ['attempts', 'status', 'body', 'header content-type'],
    expect: { status: 403, tried: '' }
  },
  {
    row: 'pinned-servers',
    where: 'proxy-availability 7',
    differs: ['attempts', 'status', 'body', 'header content-type'],
    expect: PASSES
  },
  {
    row: 'unknown-service',
    where: 'proxy-availability 8 12',
    differs: ['status', 'body', 'header content-type'],
    expect: { status: 404, tried: '' }
  },
  {
    row: 'encoded-names',
    where: 'proxy-availability 13',
    differs: ['attempts', 'status', 'body', 'header content-type'],
    expect: PASSES
  },

  // xpath
  {
    row: 'body-is-read',
    where: 'xpath-unread-body',
    differs: ['backend header x-body'],
    expect: { ...PASSES, toBackend: { 'x-body': '[7IBM]' } }
  }
]
