import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import t from 'tap'
import { HookInspector, ownHook, type HookDuties } from '../../../../plugins/gateway/request/route-hooks.js'

type Hook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

const pass: Hook = (_request, _reply, done) => done()

/** The duties of a proxy after these `onRequest` hooks of its app. */
async function dutiesBehind (...hooks: readonly Hook[]): Promise<HookDuties> {
  const app = Fastify()
  const inspector = new HookInspector()
  for (const hook of hooks) app.addHook('onRequest', hook)
  app.get('/', async (_request, reply) => inspector.dutiesOf(reply))
  const response = await app.inject('/')
  await app.close()
  return response.json()
}

t.test('without hooks of the host, headers are not compared with those that came', async t => {
  t.same(await dutiesBehind(), {
    readHeaders: false,
    sendThroughReply: false,
    traceRequest: false,
    handlerTimeout: 0
  })
})

t.test('a hook of the gateway itself costs no comparison, although Fastify binds it', async t => {
  t.equal((await dutiesBehind(ownHook<Hook>((_request, _reply, done) => done()))).readHeaders, false)
})

t.test('after a hook of the host, headers are compared with those that came', async t => {
  t.equal((await dutiesBehind(pass)).readHeaders, true)
  t.equal(
    (
      await dutiesBehind(
        ownHook<Hook>((_request, _reply, done) => done()),
        pass
      )
    ).readHeaders,
    true
  )
})
