import t from 'tap'
import { fault } from '../../../lib/message/fault.js'
import { answered, around, requestsOf, failed, play, program, request } from '../../support/flows/endpoint-harness.js'

const address = (name: string): string => `<endpoint name="${name}"><address uri="http://${name}:1/"/></endpoint>`
const group = (attributes: string, session = ''): string =>
  around(`<endpoint name="G">${session}<loadbalance ${attributes}>${'abcd'.split('').map(address).join('')}</loadbalance></endpoint>`)

/** Suspends an endpoint by a failure, as if after the message had been sent. */
const suspend = (configuration: ReturnType<typeof program>, name: string, requestSent = true): void => {
  const { registry } = configuration.lease
  const failure = fault('CONNECTION_CLOSED', 'x', { requestSent })
  registry.signal(registry.endpoints.get(name)!, { kind: 'fault', fault: failure })
}

t.test('below minReady, suspensions by failures after sending are ignored, and this is reported once', async t => {
  const configuration = program(group('minReady="50%"'))
  const { registry } = configuration.lease
  const reports: object[] = []
  registry.on('minReady', each => reports.push(each))
  const served = (): string[] =>
    [0, 1, 2, 3].flatMap(() => requestsOf(play(configuration, request()))).map(each => each[12]!)
  suspend(configuration, 'a')
  suspend(configuration, 'b')
  t.same([...new Set(served())].sort(), ['c', 'd'], 'half of them are ready: suspensions count')
  t.same(reports, [])
  suspend(configuration, 'c')
  t.match(play(configuration, request(), () => failed('CONNECTION_CLOSED', 'none')).calls, [{}])
  t.same(reports, [{ group: 'G', ready: 1, members: 4, isBelow: true }])
  play(configuration, request())
  t.ok(reports.length <= 2)
})

t.test('connections that cannot be made, off, draining and health checks keep messages away in any case', async t => {
  const configuration = program(group('minReady="100%"'))
  const { registry } = configuration.lease
  suspend(configuration, 'a', false)
  registry.switchOff('b')
  registry.noteCheck(registry.endpoints.get('c')!, { kind: 'failed', cause: 'x' }, { rise: 1, fall: 1 } as never)
  suspend(configuration, 'c')
  for (let count = 0; count < 8; count++) t.same(requestsOf(play(configuration, request())), ['POST http://d:1/'])
})

t.test('a response ends the suspension that was ignored', async t => {
  const configuration = program(group('minReady="100%"'))
  const { registry } = configuration.lease
  for (const name of ['a', 'b', 'c', 'd']) suspend(configuration, name)
  for (let count = 0; count < 4; count++) play(configuration, request(), call => answered(call))
  t.same([...registry.endpoints.values()].map(({ health }) => health.state), ['active', 'active', 'active', 'active'])
})

t.test('without minReady a group whose members are all suspended sends nothing', async t => {
  const configuration = program(group(''))
  for (const name of ['a', 'b', 'c', 'd']) suspend(configuration, name)
  t.same(requestsOf(play(configuration, request())), [])
})

t.test('failureStatus of a group holds for members that name none', async t => {
  const own = '<endpoint name="own"><address uri="http://own:1/" failureStatus="500"/></endpoint>'
  for (const kind of ['loadbalance', 'failover']) {
    const xml = `<endpoint><${kind} failureStatus="503 429">${address('other')}${own}</${kind}></endpoint>`
    const configuration = program(around(xml))
    const status = (status: number) => (call: Parameters<typeof answered>[0]) => {
      const outcome = answered(call)
      return outcome.kind === 'answered' ? { ...outcome, message: { ...outcome.message, status } } : outcome
    }
    const requests = requestsOf(play(configuration, request(), status(503)))
    t.same(requests, ['POST http://other:1/', 'POST http://own:1/'], kind)
    t.match([...configuration.lease.registry.endpoints.values()], [
      { name: 'other', health: { state: 'suspended' } }, { name: 'own', health: { state: 'active' } }
    ])
  }
})
