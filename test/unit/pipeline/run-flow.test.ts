import t from 'tap'
import type { Effect, Flow, ForwardOutcome } from '../../../lib/contracts/flow.js'
import { interpretAtOnce, TABLE_SESSIONS, type EffectHandlers } from '../../../lib/pipeline/interpret.js'
import { runFlow, type FlowClient } from '../../../lib/pipeline/run-flow.js'
import { serveRequest } from '../../../lib/pipeline/service.js'
import { around, program, request } from '../../support/flows/endpoint-harness.js'

const CLIENT: FlowClient = { disconnected: false }
const broken = new Error('a handler is broken')
const fails = (): never => { throw broken }
const rejects = async (): Promise<never> => { throw broken }

/** Handlers of which only `forward` is used. */
const handlersWith = (forward: () => ForwardOutcome | Promise<ForwardOutcome>): EffectHandlers<FlowClient> => ({
  ...TABLE_SESSIONS,
  forward,
  log: () => {},
  race: fails,
  branches: fails,
  detach: () => false
})

t.test('a handler that fails closes its flow: the finally blocks run, and its error is that of the driver', async t => {
  const log: Effect = { kind: 'log', level: 'info', text: '', fields: {} }
  for (const [name, result] of [['throws', fails], ['rejects', rejects]] as const) {
    for (const stepsBefore of [0, 1]) {
      const seen: unknown[] = []
      const flow = (function * (): Flow<string> {
        try {
          for (let step = 0; step < stepsBefore; step++) yield log
          yield { kind: 'forward' } as Effect
          return 'continued'
        } catch (error) {
          seen.push(error)
          return 'caught'
        } finally {
          seen.push('closed')
        }
      })()
      await t.rejects(runFlow(flow, handlersWith(result), CLIENT), broken, `${name} after ${stepsBefore} effects`)
      t.same(seen, ['closed'], 'the flow does not take it for an outcome of its message')
      t.same(flow.next(), { done: true, value: undefined })
    }
  }
})

t.test('a handler that fails after another has returned a promise closes its flow, too', async t => {
  let isClosed = false
  const flow = (function * (): Flow<void> {
    try {
      yield { kind: 'lookupSession' } as Effect
      yield { kind: 'forward' } as Effect
    } finally {
      isClosed = true
    }
  })()
  const handlers = { ...handlersWith(fails), lookupSession: async () => undefined }
  await t.rejects(runFlow(flow, handlers, CLIENT), broken)
  t.ok(isClosed)
})

t.test('an endpoint has nothing in flight after a handler has failed', async t => {
  const members = ['a', 'b'].map(name => `<endpoint name="${name}"><address uri="http://${name}:1/"/></endpoint>`)
  const group = `<endpoint><loadbalance algorithm="leastRequests">${members.join('')}</loadbalance></endpoint>`
  const { services, lease: { registry } } = program(around(group))
  const flow = () => serveRequest(services.get('P')!, request(), () => 'uuid')
  for (const result of [fails, rejects]) await t.rejects(runFlow(flow(), handlersWith(result), CLIENT), broken)
  t.throws(() => interpretAtOnce(flow(), { forward: fails }), broken)
  t.same([...registry.endpoints.values()].map(({ inFlight }) => inFlight), [0, 0])
})

t.test('an error of the flow itself is that of its driver', async t => {
  const flow = (function * (): Flow<void> { throw broken })()
  await t.rejects(runFlow(flow, handlersWith(fails), CLIENT), broken)
})
