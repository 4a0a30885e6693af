import { completed } from '../../../lib/slices/sliced-work.js'
import t from 'tap'
import { compile } from '../../../lib/compiler/compile.js'
import { definitionsOrThrow, parse } from '../../../lib/definitions/load.js'
import { liveTrace, type Question } from '../../../lib/explain/live-trace.js'
import { describeStep } from '../../../lib/explain/trace-steps.js'
import { fault } from '../../../lib/message/fault.js'
import { Registry } from '../../../lib/state/registry.js'
import { runtime } from '../../../plugins/gateway/configuration/runtime.js'

const GROUP = `<endpoint name="LB"><session type="simpleClientSession"/><loadbalance>
  <endpoint name="a"><address uri="http://a/"/></endpoint><endpoint name="b"><address uri="http://b/"/></endpoint>
</loadbalance></endpoint>`
const order = (session: string): Buffer =>
  Buffer.from(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">
<e:Header><s:ClientID xmlns:s="http://ws.apache.org/ns/synapse">${session}</s:ClientID></e:Header><e:Body/></e:Envelope>`)

function setUp (endpoint = GROUP) {
  const loaded = parse(`<definitions xmlns="http://ws.apache.org/ns/synapse">
    <proxy name="P"><target><inSequence><send>${endpoint}</send></inSequence><outSequence><send/></outSequence></target></proxy>
  </definitions>`)
  let now = 1_000
  const registry = new Registry(() => now)
  const compiled = compile(definitionsOrThrow(loaded), { ...runtime, now: () => now }, { registry })
  const trace = (question: Partial<Question> = {}): string[] => {
    const response = liveTrace(compiled, registry, runtime, { proxy: 'P', state: 'live', down: [], ...question })
    const { steps } = completed(response)!
    return steps.map((step, at) => describeStep(step, steps.slice(0, at)).split('\n')[0]!)
  }
  return {
    registry,
    trace,
    after: (ms: number) => {
      now += ms
    },
    fail: (name: string) =>
      registry.signal(registry.endpoints.get(name)!, { kind: 'fault', fault: fault('CONNECTION_FAILED', 'refused') })
  }
}

const FO = `<endpoint name="FO"><failover>
  <endpoint name="a"><address uri="http://a/"/></endpoint><endpoint name="b"><address uri="http://b/"/></endpoint>
</failover></endpoint>`

t.test('a member that is out is passed over, with why and for how long', async t => {
  const { trace, fail, after } = setUp(FO)
  fail('a')
  after(14_500)
  t.match(trace(), [
    'FO (failover) begins with b',
    /^passes over a: suspended for another 16 s \(.+\)$/,
    'sends POST http://b/',
    /^if that fails, responds 200/
  ])
  t.match(trace({ state: 'fresh' })[0], 'FO (failover) begins with a')
})

t.test('a half-open member gets a trial, which changes nothing of what runs', async t => {
  const { trace, fail, after, registry } = setUp(FO)
  fail('a')
  after(60_000)
  const before = registry.endpoints.get('a')!.health
  t.match(trace(), ['FO (failover) begins with b', 'a is half-open: this message is its trial', 'sends POST http://a/'])
  t.equal(registry.endpoints.get('a')!.health, before)
  t.equal(registry.endpoints.get('a')!.inFlight, 0)
})

t.test('a member that is supposed to be down fails over', async t => {
  const { trace } = setUp(FO)
  t.match(trace({ down: ['a'] }), [
    'FO (failover) begins with a',
    'sends POST http://a/',
    'if that fails, sends POST http://b/'
  ])
  t.match(trace({ down: ['a', 'b'] }).at(-1), 'if that fails, responds 500')
})

t.test('an explanation finds the member of a bound session, and binds none', async t => {
  const { trace, registry } = setUp()
  const { sessions } = registry.groups.get('LB')!
  t.match(trace({ request: order('x') }), [
    'the session is bound to no member of LB',
    'LB (loadbalance) begins with one of a, b',
    'binds the session to a'
  ])
  t.equal(sessions!.size, 0)
  sessions!.set('x', 1)
  t.match(trace({ request: order('x') }), ['the session is bound to b', 'sends POST http://b/'])
  t.match(trace({ request: order('x'), state: 'fresh' })[0], 'bound to no member')
  t.match(trace({ request: order('x'), session: 'a' }), ['the session is bound to a', 'sends POST http://a/'])
})

const positionsIn = (text: string): string[] => {
  const loaded = parse(text)
  const registry = new Registry(() => 1_000)
  const options = { registry, locations: loaded.locations }
  const compiled = compile(definitionsOrThrow(loaded), { ...runtime, now: () => 1_000 }, options)
  const response = completed(liveTrace(compiled, registry, runtime, { proxy: 'P', state: 'live', down: [] }))!
  return response.steps.map(({ kind }, at) => `${kind} ${response.positions[at]?.line ?? '-'}`)
}

t.test('each step has its position in a file: that of its endpoint, or of the mediator that ran', async t => {
  t.strictSame(positionsIn(`<definitions xmlns="http://ws.apache.org/ns/synapse">
  <endpoint name="LB"><loadbalance>
    <endpoint name="a"><address uri="http://a/"/></endpoint>
    <endpoint name="b"><address uri="http://b/"/></endpoint>
  </loadbalance></endpoint>
  <sequence name="noted">
    <log level="custom"><property name="x" value="y"/></log>
  </sequence>
  <proxy name="P"><target><inSequence>
    <sequence key="noted"/>
    <send><endpoint key="LB"/></send>
  </inSequence><outSequence>
    <log level="custom"><property name="back" value="y"/></log>
    <send/>
  </outSequence></target></proxy>
</definitions>`), ['log 7', 'choice 2', 'attempt 3', 'log 13', 'response 14'])
})

t.test('a step before the first mediator has no place of a mediator that runs later', async t => {
  t.strictSame(positionsIn(`<definitions xmlns="http://ws.apache.org/ns/synapse">
  <proxy name="P"><target>
    <endpoint><recipientlist>
      <endpoint name="a"><address uri="http://a/"/></endpoint>
    </recipientlist></endpoint>
    <outSequence><send/></outSequence>
  </target></proxy>
</definitions>`), ['race -', 'attempt 4', 'response 6'])
})

t.test('explain does not advance a rotation', async t => {
  const { trace } = setUp()
  t.strictSame(trace(), trace())
})

t.test('explain names what an operator has switched off or drains', async t => {
  const { trace, registry } = setUp(FO)
  registry.switchOff('a')
  t.match(trace()[1], 'passes over a: switched off')
  registry.switchOn('a')
  registry.drain('a')
  t.match(trace()[1], 'passes over a: draining: it accepts bound sessions only')
})
