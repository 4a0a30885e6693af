import t from 'tap'
import { answered, around, failed, play, program, request } from '../../support/flows/endpoint-harness.js'

const address = (name: string): string => `<endpoint name="${name}"><address uri="http://${name}:1/"/></endpoint>`

t.test('members of a group with retry="unsent" never get a message that one of them may have received, at any depth', async t => {
  for (const [open, close] of [
    ['<loadbalance retry="unsent">', '</loadbalance>'],
    ['<failover retry="unsent">', '</failover>'],
    ['<failover retry="unsent"><endpoint><loadbalance>', '</loadbalance></endpoint></failover>']
  ]) {
    const { calls } = play(program(around(`<endpoint>${open}${address('a')}${close}</endpoint>`)), request())
    t.match(calls, [{ unsentOnly: true }])
  }
})

t.test('outside of such a group a message may be sent again', async t => {
  const inner = `<endpoint><failover retry="unsent">${address('a')}</failover></endpoint>`
  const group = program(around(`<endpoint><failover>${inner}${address('b')}</failover></endpoint>`))
  const { calls } = play(group, request(), (call, number) => (number === 0 ? failed() : answered(call)))
  t.match(calls, [
    { origin: 'http://a:1', unsentOnly: true },
    { origin: 'http://b:1', unsentOnly: false }
  ])
})

t.test('what happens inside such a group counts for the whole delivery', async t => {
  const inner = `<endpoint><failover retry="unsent">${address('a')}</failover></endpoint>`
  const group = program(around(`<endpoint><recipientlist>${inner}${address('b')}</recipientlist></endpoint>`))
  play(group, request(), () => ({ ...failed('CONNECTION_CLOSED'), fault: seen(failed('CONNECTION_CLOSED')) }))
  const { endpoints } = group.lease.registry
  t.match([...endpoints.values()].map(({ health: { state } }) => state).sort(), ['active', 'suspended'])
})

const seen = (outcome: ReturnType<typeof failed>) => {
  if (outcome.kind === 'answered') throw new Error('not a failure')
  return { ...outcome.fault, requestSent: true }
}
