import t from 'tap'
import { problemsOf } from '../../../lib/compiler/find-problems.js'
import { parse } from '../../../lib/definitions/load.js'
import { isLinear } from '../../support/timing/linear-time.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

const COUNT = 800
/** Linear: four times as long. Quadratic: sixteen times. */
const GROWTH = { times: 4, limit: 8 }

/** A proxy that balances between an endpoint of its own and one that it refers to, with a fault sequence. */
const proxy = (at: number, reference: string, last: string): string =>
  `<proxy name="P${at}"><target faultSequence="F${at}"><inSequence><send><endpoint name="G${at}"><loadbalance>` +
  `<endpoint name="A${at}"><address uri="http://a${at}:1/"/></endpoint><endpoint key="${reference}${at}"/>` +
  '</loadbalance></endpoint></send></inSequence><outSequence><send/></outSequence></target></proxy>\n' +
  `<endpoint name="B${at}"><address uri="http://b${at}:1/"/></endpoint><sequence name="F${at}">${last}</sequence>\n`

const proxies = (count: number, reference: string, last: string): string => {
  const all = Array.from({ length: count }, (_, at) => proxy(at, reference, last))
  return `<definitions xmlns="http://ws.apache.org/ns/synapse">\n${all.join('')}</definitions>`
}
const sound = (count: number): string => proxies(count, 'B', '<drop/>')
const problemsIn = (text: string): number => problemsOf(parse(text), FIXED_RUNTIME).length

const FORMS: Readonly<Record<string, { readonly textOf: (count: number) => string, readonly problems: number }>> = {
  'in XML': { textOf: sound, problems: 0 },
  'in JSON': { textOf: count => JSON.stringify(parse(sound(count)).definitions), problems: 0 },
  'with two problems each': { textOf: count => proxies(count, 'none', '<none/>'), problems: 2 }
}

for (const [form, { textOf, problems }] of Object.entries(FORMS)) {
  t.test(`${COUNT} proxies ${form} are read and checked in linear time`, async t => {
    t.equal(problemsIn(textOf(3)), 3 * problems)
    const texts = new Map([COUNT / GROWTH.times, COUNT].map(count => [count, textOf(count)]))
    isLinear(t, form, count => problemsIn(texts.get(count)!), COUNT, GROWTH)
  })
}
