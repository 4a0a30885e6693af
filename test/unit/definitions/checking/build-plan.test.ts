import t from 'tap'
import { compile } from '../../../../lib/compiler/compile.js'
import { parse } from '../../../../lib/definitions/load.js'
import { Registry } from '../../../../lib/state/registry.js'
import { FIXED_RUNTIME } from '../../../support/flows/fixed-runtime.js'

const NAMESPACE = 'http://ws.apache.org/ns/synapse'
const compiled = (inside: string, registry = new Registry(FIXED_RUNTIME.now)) =>
  compile(parse(`<definitions xmlns="${NAMESPACE}">${inside}</definitions>`).definitions, FIXED_RUNTIME, { registry })

const whileTrue = (condition: string, key: string): string =>
  `<filter xpath="${condition}"><then><sequence key="${key}"/></then></filter>`
const proxies = ['a', 'b', 'c'].map(name => `<proxy name="${name}"><target inSequence="${name}"/></proxy>`).join('')

t.test('what a sequence reads includes what it reads after its way back to itself', async t => {
  const sequences = {
    a: whileTrue('$ctx:n', 'b'),
    b: whileTrue('$ctx:n', 'c'),
    c: `${whileTrue('$ctx:n', 'a')}<log level="full"/>`
  }
  for (const order of [['a', 'b', 'c'], ['c', 'b', 'a'], ['b', 'c', 'a']] as const) {
    const { services } = compiled(
      proxies + order.map(name => `<sequence name="${name}">${sequences[name]}</sequence>`).join('')
    )
    for (const name of order) t.equal(services.get(name)?.reads.request, 'body', `${name} of ${order.join()}`)
  }
  const { services } = compiled(`${proxies}<sequence name="a">${whileTrue('$ctx:n', 'b')}</sequence>
    <sequence name="b">${whileTrue('$ctx:n', 'a')}</sequence><sequence name="c"><drop/></sequence>`)
  t.same([...services.values()].map(({ reads }) => reads.request), ['nothing', 'nothing', 'nothing'])
})

t.test('a group names its members by the endpoints that references before them lead to', async t => {
  const registry = new Registry(FIXED_RUNTIME.now)
  compiled(`<endpoint name="g"><failover><endpoint key="x"/><endpoint key="y"/></failover></endpoint>
    <endpoint name="x" key="z"/><endpoint name="y"><address uri="http://h:1/"/></endpoint>
    <endpoint name="z"><address uri="http://h:2/"/></endpoint>
    <proxy name="a"><target endpoint="g"/></proxy>`, registry)
  t.strictSame(registry.groups.get('g')?.members, ['z', 'y'])
})
