import t from 'tap'
import { CODES, fault, type CodeName, type Fault } from '../../../lib/message/fault.js'
import { headerOf } from '../../../lib/message/headers.js'
import type { Message } from '../../../lib/message/message.js'
import { faultMessage } from '../../../lib/pipeline/fault-response.js'
import { readFault } from '../../../lib/soap/fault.js'
import { request, soapRequest, textOf } from '../../support/flows/drive-flow.js'

const get = request('', '', { method: 'GET' })
const accepting = (type: string, message = get): Message =>
  ({ ...message, headers: [...message.headers, 'Accept', type] })

/** What a client sees of a fault. */
const seen = (client: Message, why: Fault) => {
  const made = faultMessage(client, why)
  return {
    status: made.status,
    type: headerOf(made.headers, 'content-type'),
    retryAfter: headerOf(made.headers, 'retry-after'),
    text: textOf(made)
  }
}

const STATUS_OF: Readonly<Record<CodeName, number>> = {
  MEDIATION: 500,
  SENDING: 500,
  RECEIVING: 502,
  CONNECTION_FAILED: 502,
  CONNECTION_TIMEOUT: 504,
  CONNECTION_CLOSED: 502,
  PROTOCOL_VIOLATION: 502,
  CONNECT_CANCEL: 500,
  CONNECT_TIMEOUT: 504,
  NONE_READY: 503,
  NOT_READY: 503,
  UNKNOWN_ENDPOINT: 500,
  SESSION_NOT_READY: 503,
  SOAP_FAULT: 502,
  FAILURE_STATUS: 502,
  UNREADABLE: 500
}

for (const code of Object.keys(CODES) as CodeName[]) {
  t.test(`a failure ${code} without a fault sequence is a ${STATUS_OF[code]}, and a 500 for a SOAP client`, async t => {
    const why = fault(code, 'why')
    t.equal(seen(get, why).status, STATUS_OF[code])
    for (const version of ['1.1', '1.2'] as const) {
      const { status, retryAfter } = seen(soapRequest('<x/>', version), why)
      t.same({ status, retryAfter }, { status: 500, retryAfter: undefined })
    }
  })
}

t.test('a SOAP client gets a fault in its version', async t => {
  const why = fault('NONE_READY', 'none <here>')
  const [first, second] = (['1.1', '1.2'] as const).map(version => seen(soapRequest('<x/>', version), why))
  t.equal(first!.type, 'text/xml; charset=UTF-8')
  t.match(readFault(Buffer.from(first!.text)),
    { version: '1.1', code: { name: 'Server' }, reason: 'none <here>', detail: '<code>303000</code>' })
  t.equal(second!.type, 'application/soap+xml; charset=UTF-8')
  t.match(readFault(Buffer.from(second!.text)), { version: '1.2', code: { name: 'Receiver' } })
})

t.test('503 has Retry-After: when the first member may be ready, else one second', async t => {
  t.equal(seen(get, fault('NONE_READY', 'r', { retryAfter: 29_001 })).retryAfter, '30')
  t.equal(seen(get, fault('NONE_READY', 'r', { retryAfter: 0 })).retryAfter, '1')
  t.equal(seen(get, fault('NOT_READY', 'r')).retryAfter, '1')
  t.equal(seen(get, fault('CONNECTION_FAILED', 'r', { retryAfter: 5 })).retryAfter, undefined)
})

t.test('the status of a fault itself takes precedence over its code', async t => {
  t.equal(seen(get, fault('NONE_READY', 'r', { status: 413 })).status, 413)
  t.equal(seen(soapRequest(), fault('NONE_READY', 'r', { status: 413 })).status, 413)
})

const EXCEPTION = '<Exception>none &lt;here></Exception>'
const PROBLEM = '{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"none <here>","code":303000}\n'
const FORMS: readonly (readonly [what: string, client: Message, type: string, text: string])[] = [
  ['a GET that accepts anything', get, 'application/xml; charset=UTF-8', EXCEPTION],
  ['a GET with Accept: */*', accepting('*/*'), 'application/xml; charset=UTF-8', EXCEPTION],
  ['a GET with Accept: application/json', accepting('application/json'), 'application/problem+json', PROBLEM],
  ['a GET with Accept: application/problem+json', accepting('application/problem+json'), 'application/problem+json', PROBLEM],
  ['a GET with Accept: text/plain', accepting('text/plain'), 'text/plain; charset=UTF-8', 'none <here>\n'],
  ['a POST of XML', request('<a/>', 'application/xml'), 'application/xml; charset=UTF-8', EXCEPTION],
  ['a POST of XML with Accept: application/json', accepting('application/json', request('<a/>', 'application/xml')),
    'application/problem+json', PROBLEM],
  ['a POST of JSON', request('{}', 'application/json'), 'application/problem+json', PROBLEM],
  ['a POST of a JSON dialect', request('{}', 'application/vnd.a+json; charset=utf-8'), 'application/problem+json', PROBLEM],
  ['a POST of JSON with Accept: text/xml', accepting('text/xml', request('{}', 'application/json')),
    'application/xml; charset=UTF-8', EXCEPTION],
  ['a form', request('a=b', 'application/x-www-form-urlencoded'), 'text/plain; charset=UTF-8', 'none <here>\n']
]

for (const [what, client, type, text] of FORMS) {
  t.test(`the fault for ${what} is ${type}`, async t => {
    t.match(seen(client, fault('NONE_READY', 'none <here>')), { type, text })
  })
}

t.test('fault-for-plain-clients: the status in a problem is that of the response', async t => {
  const { text } = seen({ ...accepting('application/json'), axis2: { HTTP_SC: '418' } }, fault('NONE_READY', 'r'))
  t.match(JSON.parse(text), { status: 418, title: 'Error' })
})
