import t from 'tap'
import { MediationError } from '../../../lib/message/fault.js'
import type { Message } from '../../../lib/message/message.js'
import { header } from '../../../lib/sessions/header.js'
import { http } from '../../../lib/sessions/http.js'
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

t.test('an id of more than 65,536 characters is refused with 400, wherever a session kind finds it', async t => {
  const context = { now: () => 0 } as Parameters<typeof http.build>[1]
  const found: Record<string, (id: string) => readonly string[]> = {
    'in a SOAP header': idsOf,
    'in a header of HTTP': id => idsIn(header.build({ name: 'X-Session' }, context), ['X-Session', id]),
    // The id is the whole pair.
    'in a cookie': id => idsIn(http.build({ cookies: ['c'] }, context), ['Cookie', `c=${id.slice(2)}`])
  }
  for (const [where, ids] of Object.entries(found)) {
    t.equal(ids('x'.repeat(65_536))[0]?.length, 65_536, where)
    try {
      ids('x'.repeat(65_537))
      t.fail(`${where}: it is not refused`)
    } catch (error) {
      t.match((error as MediationError).fault, { status: 400, reason: /longer than 65536 characters/ }, where)
    }
  }
})

function idsIn (affinity: ReturnType<typeof header.build>, headers: readonly string[]): readonly string[] {
  if (!('idsInRequest' in affinity)) throw new Error('it has no ids')
  return affinity.idsInRequest({ ...message('a'), headers })
}
