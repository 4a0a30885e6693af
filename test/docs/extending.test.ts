import { readFileSync } from 'node:fs'
import t from 'tap'
import type { SessionStore } from '../../plugins/index.js'

const page = readFileSync(new URL('../../../docs/extending.md', import.meta.url), 'utf8')

t.test('docs/extending.md: the session store of the example compares and sets', async t => {
  const code = /```js\n(const owners[^]*?)```/.exec(page)![1]!
  const module = await import(`data:text/javascript,${encodeURIComponent(`${code}\nexport { sessionStore }`)}`)
  const { sessionStore } = module as { sessionStore: SessionStore }
  const session = { key: 'group:1', timeout: 1000, expiry: 'sliding', maxSessions: 1000 } as const
  t.equal(await sessionStore.lookup(session), null)
  t.equal(await sessionStore.bind(session, 'a', null), 'a', 'an unbound session is bound')
  t.equal(await sessionStore.bind(session, 'b', null), 'a', 'a bound session keeps its owner')
  t.equal(await sessionStore.bind(session, 'b', 'a'), 'b', 'the expected owner hands over')
  t.equal(await sessionStore.bind(session, null, 'a'), 'b', 'another owner is not removed')
  t.equal(await sessionStore.bind(session, null), null, 'a binding is removed')
  t.equal(await sessionStore.lookup(session), null)
})
