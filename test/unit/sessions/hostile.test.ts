import t from 'tap'
import { MediationError } from '../../../lib/message/fault.js'
import type { Message } from '../../../lib/message/message.js'
import { simpleClientSession } from '../../../lib/sessions/simple-client-session.js'

const SYNAPSE = 'http://ws.apache.org/ns/synapse'

const message = (id: string): Message => ({
  direction: 'request',
  method: 'POST',
  path: '',
  query: '',
  headers: ['Content-Type', 'text/xml; charset=UTF-8'],
  addressing: {},
  properties: {},
  axis2: {},
  read: true,
  body: {
    kind: 'bytes',
    bytes: Buffer.from(
      `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>${`<c:ClientID xmlns:c="${SYNAPSE}">${id}</c:ClientID>`}</e:Header><e:Body/></e:Envelope>`
    )
  }
})

function idsOf (id: string): readonly string[] {
  const affinity = simpleClientSession.build({}, {} as Parameters<typeof simpleClientSession.build>[1])
  if (!('idsInRequest' in affinity)) throw new Error('it has no ids')
  return affinity.idsInRequest(message(id))
}

t.test('the white space of XML around an id is not part of it, any other character is', async t => {
  t.same(idsOf(' \t\r\nid\n '), ['id'])
  const others = ['id\u00a0', 'id\u3000', 'id\u2028', '\ufeffid', 'id&#x85;']
  t.equal(new Set(others.flatMap(idsOf)).size, others.length)
  t.notOk(others.flatMap(idsOf).includes('id'))
})

t.test('ids that differ at their end are two, however long they are', async t => {
  for (const length of [1_000, 60_000]) t.not(idsOf(`${'x'.repeat(length)}a`)[0], idsOf(`${'x'.repeat(length)}b`)[0])
})

t.test('a session block with elements in it is refused, with 400', async t => {
  for (const inside of [`id<c:ClientID xmlns:c="${SYNAPSE}">x</c:ClientID>`, 'i<a/>d', '<a>id</a>']) {
    t.throws(() => idsOf(inside), MediationError, inside)
    try {
      idsOf(inside)
    } catch (error) {
      t.equal((error as MediationError).fault.status, 400)
    }
  }
  t.same(idsOf('i<!-- c --><?p?>d'), ['id'], 'comments are no elements')
})
