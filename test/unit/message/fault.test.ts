import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  CODES,
  errorProperties,
  fault,
  describeFault,
  MESSAGES,
  toFault,
  type CodeName
} from '../../../lib/message/fault.js'
import { ACTIVE, DEFAULT_POLICY, transition } from '../../../lib/state/suspension.js'
import { failed, play, proxyOf, SEND, soapRequest, textOf } from '../../support/flows/drive-flow.js'

const NAMES = Object.keys(CODES) as CodeName[]

t.test('every code has its message, and the documentation lists exactly these', async t => {
  const text = readFileSync(new URL('../../../../docs/failures.md', import.meta.url), 'utf8')
  const rows = text.split('<!-- lib/message/fault.ts -->\n')[1]!.split('\n\n', 1)[0]!.split('\n').slice(2)
  t.strictSame(
    rows,
    NAMES.map(name => `| ${CODES[name]} | \`${MESSAGES[name]}\` |`)
  )
})

t.test('error-texts: errors that the engine has no text for have ours, and an exception has both texts', async t => {
  t.strictSame(errorProperties(fault('MEDIATION', 'too long')), {
    ERROR_CODE: '0',
    ERROR_MESSAGE: 'too long',
    ERROR_DETAIL: 'org.apache.synapse.SynapseException: too long',
    ERROR_EXCEPTION: 'org.apache.synapse.SynapseException: too long'
  })
  t.match(toFault(new Error('one\ntwo')), { code: 0, reason: 'the message could not be processed', logDetail: 'one' })
  t.strictSame(errorProperties(fault('UNREADABLE', 'no root')), {
    ERROR_CODE: '601000',
    ERROR_MESSAGE: 'Error while building message',
    ERROR_DETAIL: 'org.apache.synapse.SynapseException: Error while building message\nCaused by: no root',
    ERROR_EXCEPTION: 'org.apache.synapse.SynapseException: Error while building message'
  })
  t.strictSame(errorProperties(fault('SOAP_FAULT', 'theirs')), {
    ERROR_CODE: '500000',
    ERROR_MESSAGE: 'theirs',
    ERROR_DETAIL: 'theirs'
  })
  t.strictSame(errorProperties({ code: 7, reason: 'a code of another program' }), {
    ERROR_CODE: '7',
    ERROR_MESSAGE: 'a code of another program',
    ERROR_DETAIL: 'a code of another program'
  })
  t.strictSame(
    errorProperties(fault('NONE_READY', 'x', { subject: 'Failover endpoint : $&' })).ERROR_MESSAGE,
    'Failover endpoint : $& - no ready child endpoints'
  )
})

t.test('text of a message is bounded in a fault', async t => {
  const key = 'k'.repeat(5000)
  const texts =
    '<makefault><code value="t:Receiver" xmlns:t="http://www.w3.org/2003/05/soap-envelope"/><reason expression="get-property(\'ERROR_DETAIL\')"/></makefault><respond/>'
  for (const way of ['<sequence key="{$ctx:key}"/>', '<send><endpoint key-expression="$ctx:key"/></send>']) {
    const { response } = play(
      proxyOf({ in: way, fault: texts }),
      soapRequest('<x/>', '1.1', '', { properties: { key } })
    )
    t.match(textOf(response), /k{100}/)
    t.notMatch(textOf(response), /k{101}/)
  }
})

t.test('a later fault leaves nothing of the one before', async t => {
  const service = proxyOf({
    in: SEND,
    fault:
      "<property name=\"X\" expression=\"concat(get-property('ERROR_CODE'), '|', get-property('ERROR_DETAIL'), '|', get-property('ERROR_EXCEPTION'), '|', get-property('SENDING_FAULT'))\" scope=\"transport\"/><respond/>"
  })
  const before = { ERROR_CODE: '101505', ERROR_MESSAGE: 'm', ERROR_DETAIL: 'd', ERROR_EXCEPTION: 'e' }
  const { response } = play(
    service,
    soapRequest('<x/>', '1.1', '', { properties: before }),
    failed('CONNECTION_TIMEOUT')
  )
  t.equal(response.headers[response.headers.indexOf('X') + 1], '101504|||')
})

t.test('the log gets details of a fault that the client does not get', async t => {
  const why = fault('CONNECTION_FAILED', 'No connection', { logDetail: 'connect EMFILE 10.0.0.1:80' })
  t.equal(describeFault(why), 'No connection: connect EMFILE 10.0.0.1:80')
  t.equal(describeFault(fault('CONNECTION_FAILED', 'No connection')), 'No connection')
  t.match(transition(ACTIVE, { kind: 'fault', fault: why }, DEFAULT_POLICY, 0), {
    state: 'suspended',
    cause: describeFault(why)
  })
  const { response } = play(proxyOf({ in: SEND }), soapRequest(), { kind: 'failed', fault: why, retry: 'any' })
  t.match(textOf(response), /No connection/)
  t.notMatch(textOf(response), '10.0.0.1')
})
