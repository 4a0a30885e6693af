import t from 'tap'
import { preferredType } from '../../../lib/pipeline/accept.js'

const OFFERS = { json: ['application/json', 'application/problem+json'], xml: ['application/xml', 'text/xml'] }
const ROWS: readonly (readonly [header: string | undefined, form: string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['*/*', undefined],
  ['application/*', undefined],
  ['application/json', 'json'],
  ['Application/JSON; charset=utf-8', 'json'],
  ['text/xml, application/json', 'xml'],
  ['text/xml;q=0.5, application/json', 'json'],
  ['text/xml;q=0.5, application/json;q=0.4', 'xml'],
  ['application/json;q=0', undefined],
  ['application/json;q=0, text/xml', 'xml'],
  ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'xml'],
  ['application/json;q=7', 'json'],
  [',,;q=,', undefined],
  [`${'a/b,'.repeat(600)}application/json`, undefined]
]

for (const [header, form] of ROWS) {
  t.test(`Accept: ${header?.slice(0, 80)} prefers ${form ?? 'nothing'}`, async t => {
    t.equal(preferredType(header, OFFERS), form)
  })
}
