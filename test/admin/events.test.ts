import t from 'tap'
import type { JournalEntry } from '../../plugins/admin/contract/live-protocol.js'
import { groupsOf } from './groups.js'
import { adminApp } from '../support/operation/admin-app.js'

const TOKEN = 'secret'
const headers = { authorization: `Bearer ${TOKEN}` }
const SESSION = { kind: 'header', name: 'X-Session' }
const member = (name: string): { name: string; uri: string } => ({ name, uri: `http://127.0.0.1:1/${name}` })

t.test('members that join and leave a group are one event', async t => {
  let members = ['one', 'two'].map(member)
  const app = await adminApp(t, { definitions: () => groupsOf(members, SESSION) })
  const events = async (): Promise<JournalEntry[]> =>
    (await app.inject('/events?kind=members')).json<{ list: JournalEntry[] }>().list
  t.strictSame(await events(), [], 'the first configuration is none')
  await app.proxyServices.reload()
  t.strictSame(await events(), [], 'nothing has changed')
  members = ['two', 'three', 'four'].map(member)
  await app.proxyServices.reload()
  const ofServers = (await events()).filter(({ text }) => text.startsWith('Members of servers'))
  t.match(ofServers, [{ kind: 'members', level: 'info', text: 'Members of servers: +three +four -one' }])
})

t.test('the event of a recording that an operator stops names that operator', async t => {
  const app = await adminApp(t, { definitions: groupsOf([member('one')], SESSION) }, { console: true, token: TOKEN })
  const payload = { minutes: 5, by: 'anna' }
  t.equal((await app.inject({ method: 'POST', url: '/recording', headers, payload })).statusCode, 200)
  t.equal((await app.inject({ method: 'DELETE', url: '/recording?by=bert', headers })).statusCode, 200)
  const { list } = (await app.inject({ url: '/events?kind=recording', headers })).json<{ list: JournalEntry[] }>()
  t.match(list, [
    { text: /has ended: it was stopped by hand/, by: 'bert', remote: '127.0.0.1' },
    { text: /are recorded for 5 min/, by: 'anna', remote: '127.0.0.1' }
  ])
})

t.test('the event of a reload by hand names the operator and the result', async t => {
  const app = await adminApp(t, { definitions: groupsOf([member('one')], SESSION) }, { console: true, token: TOKEN })
  t.equal((await app.inject({ method: 'POST', url: '/reload?by=anna', headers })).statusCode, 200)
  const { list } = (await app.inject({ url: '/events?kind=reload', headers })).json<{ list: JournalEntry[] }>()
  t.match(list, [
    { text: 'Configuration reloaded (by hand)' },
    { text: 'by hand: the configuration is read again', by: 'anna', remote: '127.0.0.1' }
  ])
})
