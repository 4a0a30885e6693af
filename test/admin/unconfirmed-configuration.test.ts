import { once } from 'node:events'
import t from 'tap'
import { edited, ENDPOINT, endpointsOf, group } from '../support/operation/edited-configuration.js'

t.test('an unconfirmed configuration runs without being written, and is reverted after its time', async t => {
  const setup = await edited(t)
  const ended = once(setup.app.proxyServices, 'reload').then(
    async () => await once(setup.app.proxyServices, 'reload')
  )
  const files = await setup.change(ENDPOINT, group('600000', ['orders-9']))
  const { status, body } = await setup.post('/configuration/apply', { how: 'try', minutes: 0.002, files })
  t.equal(status, 200)
  t.match(body.unconfirmed, { files: [setup.path(ENDPOINT)], endsAt: Number })
  t.equal(await setup.onDisk(ENDPOINT), group(), 'not written')
  await ended
  t.strictSame(endpointsOf(setup), ['orders-1'], 'the earlier configuration is back')
  const {
    body: { unconfirmed, reloads }
  } = await setup.get('/configuration')
  t.equal(unconfirmed, null)
  t.match(
    reloads.map((each: any) => each.outcome),
    ['ran', 'tried', 'ran']
  )
})

t.test('an unconfirmed configuration is kept: it is written and runs on', async t => {
  const setup = await edited(t)
  const next = group('600000', ['orders-9'])
  await setup.post('/configuration/apply', { how: 'try', files: await setup.change(ENDPOINT, next) })
  t.strictSame(endpointsOf(setup), ['orders-9'])
  t.equal((await setup.post('/configuration/keep')).status, 200)
  t.equal(await setup.onDisk(ENDPOINT), next)
  t.strictSame(endpointsOf(setup), ['orders-9'])
  t.equal((await setup.post('/configuration/keep')).status, 409, 'it is confirmed')
})

t.test('an unconfirmed configuration is reverted; while it runs no other change is accepted', async t => {
  const setup = await edited(t)
  const files = await setup.change(ENDPOINT, group('600000', ['orders-9']))
  await setup.post('/configuration/apply', { how: 'try', files })
  const second = await setup.post('/configuration/apply', { how: 'save', files })
  t.equal(second.status, 409)
  t.match(second.body.Error, /an unconfirmed configuration runs: keep it or revert it first/)
  t.equal((await setup.post('/configuration/revert')).status, 200)
  t.strictSame(endpointsOf(setup), ['orders-1'])
})

t.test('a reload of the files replaces an unconfirmed configuration', async t => {
  const setup = await edited(t)
  const files = await setup.change(ENDPOINT, group('600000', ['orders-9']))
  await setup.post('/configuration/apply', { how: 'try', files })
  await setup.app.proxyServices.reload()
  t.equal((await setup.get('/configuration')).body.unconfirmed, null)
  t.strictSame(endpointsOf(setup), ['orders-1'])
})

t.test('of two changes at the same time one is refused, since the other one is in progress', async t => {
  const setup = await edited(t)
  const files = await setup.change(ENDPOINT, group('600000', ['orders-9']))
  const apply = { how: 'try', files }
  const results = await Promise.all([
    setup.post('/configuration/apply', apply),
    setup.post('/configuration/apply', apply)
  ])
  const refused = results.filter(({ status }) => status !== 200)
  t.match(refused, [{ status: 409, body: { Error: /another change of the configuration is in progress/ } }])
  t.equal(refused.length, 1)
})
