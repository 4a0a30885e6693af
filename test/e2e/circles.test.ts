import t from 'tap'
import { backend } from '../support/backend.js'
import { gateway } from '../support/gateway.js'

const TEXT = { 'content-type': 'text/xml' }
const definitions = (parts: string): string => `<definitions xmlns="http://ws.apache.org/ns/synapse">${parts}</definitions>`
const inSequence = (mediators: string): string =>
  `<proxy name="P"><target inSequence="A"/></proxy><sequence name="A">${mediators}</sequence>`
const ITSELF = '<sequence key="{fn:concat(\'A\', \'\')}"/>'
const THROWS = '<throwError type="x" errorMessage="y"/>'

const whileMore = (condition: string): string =>
  `<filter xpath="${condition}"><then><sequence key="A"/></then></filter>`

/** Configurations in which a message comes back to where it was, which `check` cannot see. */
const CIRCLES: Readonly<Record<string, (uri: string) => string>> = {
  'a computed key': () => inSequence(`<log level="custom"/>${ITSELF}`),
  'a computed key after a call': uri => inSequence(`<call><endpoint><address uri="${uri}"/></endpoint></call>${ITSELF}`),
  'a computed key in each branch': () =>
    inSequence(`<clone><target><sequence>${ITSELF}</sequence></target><target><sequence>${ITSELF}</sequence></target></clone>`),
  'a condition that always holds': () => inSequence(whileMore('true()')),
  'a template that calls itself while a condition holds': () =>
    `${inSequence('<call-template target="T"/>')}<template name="T"><sequence><filter xpath="true()"><then><call-template target="T"/></then></filter></sequence></template>`,
  'an error handler of itself': () =>
    `<proxy name="P"><target inSequence="A"/></proxy><sequence name="A" onError="A">${THROWS}</sequence>`,
  'two error handlers of each other': () =>
    `<proxy name="P"><target inSequence="A"/></proxy><sequence name="A" onError="B">${THROWS}</sequence><sequence name="B" onError="A">${THROWS}</sequence>`,
  'a sequence that receives its own response': uri =>
    inSequence(`<send receive="A"><endpoint><address uri="${uri}"/></endpoint></send>`),
  'an endpoint whose computed name is its own': () =>
    '<proxy name="P"><target endpoint="G"/></proxy><endpoint name="G" key-expression="fn:concat(\'G\', \'\')"/>',
  'a group with itself as a member, by a computed name': () =>
    '<proxy name="P"><target endpoint="G"/></proxy><endpoint name="G"><loadbalance><endpoint key-expression="fn:concat(\'G\', \'\')"/></loadbalance></endpoint>'
}

for (const [what, configuration] of Object.entries(CIRCLES)) {
  t.test(`${what}: a clear fault after at most 100 rounds`, async t => {
    const origin = await backend(t, 'origin')
    const { url } = await gateway(t, { definitions: definitions(configuration(origin.uri)) })
    const response = await fetch(`${url}/services/P`, { method: 'POST', headers: TEXT, body: '<a/>' })
    t.equal(response.status, 500)
    t.match(await response.text(), /leads back to itself, or is nested more than 100 deep/)
    t.ok(origin.requests.length <= 101, `${origin.requests.length} requests`)
  })
}

t.test('a sequence that runs itself while a condition holds ends when it does not', async t => {
  const count = '<property name="n" expression="number(concat(\'0\', get-property(\'n\'))) + 1"/>'
  const { url } = await gateway(t, {
    definitions: definitions(
      '<proxy name="P"><target><inSequence><sequence key="A"/><property name="X-N" expression="$ctx:n" scope="transport"/>' +
        `<respond/></inSequence></target></proxy><sequence name="A">${count}${whileMore('get-property(\'n\') &lt; 60')}</sequence>`
    )
  })
  for (let at = 0; at < 2; at++) {
    const response = await fetch(`${url}/services/P`, { method: 'POST', headers: TEXT, body: '<a/>' })
    t.strictSame([response.status, response.headers.get('x-n')], [200, '60.0'])
  }
})

t.test('the fault sequence runs after such a fault, and may compute keys itself', async t => {
  const { url } = await gateway(t, {
    definitions: definitions(`
      <proxy name="P"><target inSequence="A" faultSequence="F"/></proxy>
      <sequence name="A">${ITSELF}</sequence>
      <sequence name="F"><sequence key="{fn:concat('Reached', '')}"/></sequence>
      <sequence name="Reached"><payloadFactory media-type="text"><format>reached</format></payloadFactory><respond/></sequence>`)
  })
  const response = await fetch(`${url}/services/P`, { method: 'POST', headers: TEXT, body: '<a/>' })
  t.match(await response.text(), /reached/)
})

t.test('many parts one after the other are no circle', async t => {
  const origin = await backend(t, 'origin')
  const once = [
    '<sequence key="{fn:concat(\'B\', \'\')}"/>',
    '<call-template target="T"/>',
    '<call><endpoint key-expression="fn:concat(\'E\', \'\')"/></call>'
  ].join('')
  const { url } = await gateway(t, {
    definitions: definitions(`${inSequence(`${once.repeat(120)}<respond/>`)}
      <sequence name="B"><property name="a" value="b"/></sequence>
      <template name="T"><sequence><property name="c" value="d"/></sequence></template>
      <endpoint name="E"><address uri="${origin.uri}"/></endpoint>`)
  })
  const response = await fetch(`${url}/services/P`, { method: 'POST', headers: TEXT, body: '<a/>' })
  t.equal(response.status, 200)
  t.equal(origin.requests.length, 120)
})

t.test('a sequence that leads back to itself twice at each level ends after a bounded number of runs', async t => {
  const walk = '<foreach expression="//i" sequence="A" continueLoopOnFailure="true"/>'
  const { url } = await gateway(t, {
    definitions: definitions(
      `<proxy name="P"><target><inSequence><sequence key="A"/><respond/></inSequence></target></proxy><sequence name="A">${walk}</sequence>`
    )
  })
  const response = await fetch(`${url}/services/P`, { method: 'POST', headers: TEXT, body: '<a><i><i/></i><i><i/></i></a>' })
  t.equal(response.status, 200, 'each element that fails is passed over')
})
