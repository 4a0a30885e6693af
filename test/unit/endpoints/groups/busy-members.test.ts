import t from 'tap'
import { compile } from '../../../../lib/compiler/compile.js'
import type { Member } from '../../../../lib/contracts/discovery.js'
import { definitionsOrThrow, parse } from '../../../../lib/definitions/load.js'
import { serveRequest, type ProxyService } from '../../../../lib/pipeline/service.js'
import { Registry } from '../../../../lib/state/registry.js'
import { answered, FlowRun } from '../../../support/flows/flow-run.js'
import { around, request } from '../../../support/flows/endpoint-harness.js'
import { FIXED_RUNTIME } from '../../../support/flows/fixed-runtime.js'

/** A message that waits for the response of an endpoint. */
const begin = (service: ProxyService) => new FlowRun(serveRequest(service, request(), () => 'uuid'))
const membersOf = (names: string): Member[] => [...names].map(hostName => ({ hostName, httpPort: 1 }))

const SESSION = '<session type="simpleClientSession"/>'
for (const session of ['', SESSION]) {
  const name = session === '' ? 'a busy member' : 'a busy member of a group with sessions'
  t.test(`${name} stays busy for leastRequests when the members of its group change`, async t => {
    let announce: (members: readonly Member[]) => void = () => {}
    const group =
      '<dynamicLoadbalance algorithm="leastRequests"><membership dns="x" httpPort="1"/></dynamicLoadbalance>'
    const { definitions, locations } = parsed(around(`<endpoint name="g">${session}${group}</endpoint>`))
    const watchMembers = (_: object, changed: typeof announce) => {
      announce = changed
      return () => {}
    }
    const { services } = compile(definitions, { ...FIXED_RUNTIME, watchMembers }, { locations })
    const send = () => begin(services.get('P')!)
    const where = (count: number): string => Array.from({ length: count }, () => send().calls[0]).join('')
    announce(membersOf('ab'))
    const runs = [send(), send(), send(), send()]
    t.same(runs.map(({ calls }) => calls[0]), ['A', 'B', 'A', 'B'])
    for (const run of runs) if (run.calls[0] === 'B') run.next(answered())
    announce(membersOf('abc'))
    t.equal(where(4), 'BCBC', 'two messages are still in flight to the first')
    for (const run of runs) if (run.calls[0] === 'A') run.next(answered())
    t.equal(where(2), 'AA', 'and their end counts in the group of now')
  })
}

t.test('a busy member stays busy for leastRequests when its configuration is reloaded', async t => {
  const registry = new Registry(() => 0)
  const load = () => {
    const members = ['a', 'b'].map(name => `<endpoint name="${name}"><address uri="http://${name}:1/"/></endpoint>`)
    const group = `<endpoint name="g"><loadbalance algorithm="leastRequests">${members.join('')}</loadbalance></endpoint>`
    const { definitions, locations } = parsed(around(group))
    return compile(definitions, FIXED_RUNTIME, { locations, registry })
  }
  const before = load()
  const send = ({ services }: typeof before) => begin(services.get('P')!)
  const first = send(before)
  t.same(first.calls, ['A'])
  const after = load()
  t.same(send(after).calls, ['B'], 'the configuration before has a message in flight to the first')
  first.next(answered())
  t.same(send(before).calls, ['A'], 'which counts what the new one sends')
  registry.release(before.lease)
})

function parsed (xml: string) {
  const loaded = parse(xml)
  return { definitions: definitionsOrThrow(loaded), locations: loaded.locations }
}
