import t, { type Test } from 'tap'
import { problemsOf } from '../../lib/compiler/find-problems.js'
import { parse } from '../../lib/definitions/load.js'
import { backend } from '../support/backend.js'
import { gateway } from '../support/gateway.js'
import { FIXED_RUNTIME } from '../support/flows/fixed-runtime.js'

t.setTimeout(600_000)

const definitions = (parts: readonly string[]): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse">\n${parts.join('\n')}\n</definitions>`
const proxy = (attribute: string): string => `<proxy name="P"><target ${attribute}/></proxy>`
const sequence = (name: string, inside: string, more = ''): string =>
  `<sequence name="${name}"${more}>${inside}</sequence>`
const THROWS = '<throwError type="x" errorMessage="y"/>'

/** The links of a chain; each makes its own from its number and whether another one follows. */
const links = (count: number, link: (at: number, more: boolean) => string): string[] =>
  Array.from({ length: count }, (_, at) => link(at, at + 1 < count))

/** Chains of so many parts, and the requests that one message makes. */
type Chain = (count: number, address: string) => readonly string[]

const sends = (address: string): string => `<send><endpoint>${address}</endpoint></send>`

const CHAINS: Readonly<Record<string, Chain>> = {
  sequences: (count, address) => [
    proxy('inSequence="s0"'),
    ...links(count, (at, more) => sequence(`s${at}`, more ? `<sequence key="s${at + 1}"/>` : sends(address)))
  ],
  'sequences in filters': (count, address) => [
    proxy('inSequence="s0"'),
    ...links(count, (at, more) => sequence(
      `s${at}`, `<filter xpath="true()"><then>${more ? `<sequence key="s${at + 1}"/>` : sends(address)}</then></filter>`
    ))
  ],
  'references to endpoints': (count, address) => [
    proxy('endpoint="e0"'),
    ...links(count, (at, more) =>
      more ? `<endpoint name="e${at}" key="e${at + 1}"/>` : `<endpoint name="e${at}">${address}</endpoint>`)
  ],
  'error handlers that do not run': (count, address) => [
    proxy('inSequence="s0"'),
    ...links(count, (at, more) =>
      sequence(`s${at}`, at === 0 ? sends(address) : '<drop/>', more ? ` onError="s${at + 1}"` : ''))
  ],
  'error handlers that all fail but the last': (count, address) => [
    proxy('inSequence="s0"'),
    ...links(count, (at, more) =>
      sequence(`s${at}`, more ? THROWS : sends(address), more ? ` onError="s${at + 1}"` : ''))
  ],
  'sequence templates': (count, address) => [
    proxy('inSequence="s0"'),
    sequence('s0', '<call-template target="t0"/>'),
    ...links(count, (at, more) => `<template name="t${at}"><sequence>${
      more ? `<call-template target="t${at + 1}"/>` : sends(address)}</sequence></template>`)
  ]
}

async function served (t: Test, what: string, parts: readonly string[], requests: readonly unknown[]): Promise<void> {
  const { url } = await gateway(t, { definitions: definitions(parts) })
  const before = requests.length
  const response = await fetch(`${url}/services/P`, {
    method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>'
  })
  t.equal(response.status, 200, `${what}: ${(await response.text()).slice(0, 300)}`)
  t.equal(requests.length - before, 1, `${what}: requests at the back-end`)
}

const problemsIn = (parts: readonly string[]): string[] =>
  problemsOf(parse(definitions(parts), 'c.xml'), FIXED_RUNTIME).map(({ line, message }) => `${line}: ${message}`)

for (const [kind, chain] of Object.entries(CHAINS)) {
  t.test(`a chain of 1,000 and of 5,000 ${kind}, in either order of the file: its messages are served`, async t => {
    const origin = await backend(t, 'origin')
    for (const count of [1_000, 5_000]) {
      const parts = chain(count, `<address uri="${origin.uri}"/>`)
      await served(t, `${count}, the first one first`, parts, origin.requests)
      await served(t, `${count}, the last one first`, parts.toReversed(), origin.requests)
    }
  })
}

t.test('a chain of 300 sequences that receive the response of each other: each sends its message', async t => {
  const origin = await backend(t, 'origin')
  const receives = (at: number): string =>
    `<send receive="s${at + 1}"><endpoint><address uri="${origin.uri}"/></endpoint></send>`
  const parts = [
    proxy('inSequence="s0"'),
    ...links(301, (at, more) => sequence(`s${at}`, more ? receives(at) : '<respond/>'))
  ]
  for (const each of [parts, parts.toReversed()]) {
    const before = origin.requests.length
    const { url } = await gateway(t, { definitions: definitions(each) })
    const response = await fetch(`${url}/services/P`, {
      method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>'
    })
    t.equal(response.status, 200)
    t.equal(origin.requests.length - before, 300)
  }
})

const endpointTemplates = (count: number, uri: string): string[] => [
  proxy('endpoint="e"'),
  `<endpoint name="e" template="t0" uri="${uri}"/>`,
  ...links(count, (at, more) => `<template name="t${at}">${more
    ? `<endpoint template="t${at + 1}" uri="$uri"/>`
    : '<endpoint><address uri="$uri"/></endpoint>'}</template>`)
]

t.test('a chain of 100 templates of endpoints is served, a longer one is a problem that names the limit', async t => {
  const origin = await backend(t, 'origin')
  await served(t, 'the first one first', endpointTemplates(100, origin.uri), origin.requests)
  await served(t, 'the last one first', endpointTemplates(100, origin.uri).toReversed(), origin.requests)
  for (const count of [101, 1_000, 5_000]) {
    for (const parts of [endpointTemplates(count, origin.uri), endpointTemplates(count, origin.uri).toReversed()]) {
      t.match(problemsIn(parts), [/the template "t100" is nested too deep: templates are made from at most 100 others/])
    }
  }
})

const groups = (count: number, uri: string, kind = 'failover'): string[] => [
  proxy('endpoint="e0"'),
  ...links(count, (at, more) => `<endpoint name="e${at}">${more
    ? `<${kind}><endpoint key="e${at + 1}"/></${kind}>`
    : `<address uri="${uri}"/>`}</endpoint>`)
]
const loops = (count: number, uri: string): string[] => [
  proxy('inSequence="s0"'),
  ...links(count, (at, more) => sequence(`s${at}`, more
    ? `<foreach expression="//a"><sequence><sequence key="s${at + 1}"/></sequence></foreach>${at === 0 ? sends(`<address uri="${uri}"/>`) : ''}`
    : '<property name="p" value="v"/>'))
]

t.test('groups and loops in one another: 240 deep is served, deeper is a problem that names the limit', async t => {
  const origin = await backend(t, 'origin')
  for (const [what, made] of Object.entries({
    failover: (count: number) => groups(count, origin.uri),
    loadbalance: (count: number) => groups(count, origin.uri, 'loadbalance'),
    recipientlist: (count: number) => groups(count, origin.uri, 'recipientlist'),
    foreach: (count: number) => loops(count, origin.uri)
  })) {
    await served(t, `${what}, the first one first`, made(240), origin.requests)
    await served(t, `${what}, the last one first`, made(240).toReversed(), origin.requests)
    for (const count of [260, 1_000, 5_000]) {
      for (const parts of [made(count), made(count).toReversed()]) {
        t.match(problemsIn(parts), [/^\d+: the (endpoint|sequence) "\w+" is nested more than 250 deep$/], `${what} ${count}`)
      }
    }
  }
})

t.test('a circle of 5,000 sequences that conditions guard is built, and its messages end with a clear fault', async t => {
  const { url } = await gateway(t, {
    definitions: definitions([
      proxy('inSequence="s0"'),
      ...links(5_000, at => sequence(
        `s${at}`, `<filter xpath="true()"><then><sequence key="s${(at + 1) % 5_000}"/></then></filter>`
      ))
    ])
  })
  const response = await fetch(`${url}/services/P`, {
    method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>'
  })
  t.equal(response.status, 500)
  t.match(await response.text(), /leads back to itself, or is nested more than 100 deep/)
})
