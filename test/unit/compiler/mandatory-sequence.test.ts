import t from 'tap'
import {
  answered,
  failed,
  play,
  proxyIn,
  proxyOf,
  SEND,
  soapRequest,
  wrongWith
} from '../../support/flows/drive-flow.js'

const log = (text: string): string => `<log level="custom"><property name="at" value="${text}"/></log>`
const mandatory = (inside: string): string => `<sequence name="pre-mediate">${inside}</sequence>`
const texts = (logs: ReturnType<typeof play>['logs']): string[] => logs.map(({ text }) => text)

t.test('mandatory-sequence: pre-mediate runs before the in and the out sequence', async t => {
  const proxy = proxyOf({ in: log('in') + SEND, out: `${log('out')}<send/>`, beside: mandatory(log('first')) })
  const { response, logs } = play(proxy, soapRequest(), answered())
  t.same(texts(logs), ['at = first', 'at = in', 'at = first', 'at = out'])
  t.equal(response.status, 200)
})

t.test('pre-mediate runs on responses of a proxy without an out sequence', async t => {
  const beside = mandatory('<filter xpath="true()"><then><property name="X-Seen" value="1" scope="transport"/></then></filter>')
  const { response, calls } = play(proxyOf({ in: SEND, beside }), soapRequest(), answered())
  t.ok(calls[0]!.message.headers.includes('X-Seen'))
  t.ok(response.headers.includes('X-Seen'))
})

t.test('pre-mediate decides how much of a message is read', async t => {
  const proxy = proxyOf({ in: SEND, beside: mandatory('<log level="full"/>') })
  t.same(proxy.reads, { request: 'body', response: 'body' })
  t.same(proxyOf({ in: SEND }).reads, { request: 'nothing', response: 'nothing' })
})

t.test('a message that pre-mediate drops goes no further', async t => {
  const { response, calls, logs } = play(proxyOf({ in: log('in') + SEND, beside: mandatory('<drop/>') }), soapRequest())
  t.same([calls.length, logs.length, response.status], [0, 0, 202])
})

t.test('a failure in pre-mediate is handled by the fault sequence', async t => {
  const proxy = proxyOf({
    in: SEND, fault: log('fault'), beside: mandatory('<throwError type="1" errorMessage="no"/>')
  })
  const { response, logs } = play(proxy, soapRequest())
  t.same([texts(logs), response.status], [['at = fault'], 500])
})

t.test('pre-mediate is no problem, and does not change a proxy that fails', async t => {
  t.same(wrongWith(mandatory(log('x'))), [])
  const { response } = play(proxyIn(`<proxy name="P"><target><inSequence>${SEND}</inSequence></target></proxy>` +
    mandatory(log('x'))), soapRequest(), failed())
  t.equal(response.status, 500)
})
