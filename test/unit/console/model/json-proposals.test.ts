import t from 'tap'
import { BUILT_IN_KINDS } from '../../../../lib/definitions/reading/read-xml.js'
import { vocabularyOf } from '../../../../lib/definitions/vocabulary.js'
import { proposeInJson } from '../../../../plugins/console/model/json-proposals.js'

const { schema } = vocabularyOf(BUILT_IN_KINDS)
const NAMES = { endpoints: ['OrdersLB'], sequences: ['errors'], templates: ['T'], localEntries: ['wsdl'] }

/** What is proposed at `|`: texts, and what is replaced. */
function proposed (marked: string): { texts: string[], replaced: string } | undefined {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  const found = proposeInJson(text, offset, schema, NAMES)
  return found && { texts: found.list.map(each => each.text), replaced: text.slice(found.from, found.to) }
}

t.test('keys of an object are proposed, those that it has are not', async t => {
  t.match(proposed('{ "end|" }'), { replaced: '"end"' })
  t.ok(proposed('{ "end|" }')!.texts.includes('"endpoints"'))
  t.notOk(proposed('{ "endpoints": {}, "|" }')!.texts.includes('"endpoints"'))
  t.strictSame(proposed('{ "endpoints": { "A": { "|" } } }')!.texts, ['"kind"'], 'the kind decides the other keys')
  const keys = proposed('{ "endpoints": { "A": { "kind": "address", "u|" } } }')!.texts
  t.ok(keys.includes('"uri"') && keys.includes('"suspendOnFailure"'))
  t.notOk(keys.includes('"members"'))
  const inside = proposed('{ "endpoints": { "A": { "kind": "address", "suspendOnFailure": { | } } } }')
  t.match(inside, { replaced: '', texts: ['"errorCodes"', '"initialDuration"'] })
})

t.test('a key is written with its colon, unless there is one', async t => {
  const written = (text: string): string | undefined =>
    proposeInJson(text, 4, schema, NAMES)?.list.find(each => each.text === '"proxies"')?.written
  t.equal(written('{ "p" }'), '"proxies": ')
  t.equal(written('{ "p" : 1 }'), '"proxies"')
})

t.test('values are proposed: kinds, words, truth values, with their sentences', async t => {
  const kinds = proposeInJson('{ "endpoints": { "A": { "kind": "l" } } }', 34, schema, NAMES)!.list
  t.match(kinds.find(each => each.text === '"loadbalance"'), { description: /Spreads messages/ })
  t.strictSame(proposed('{ "endpoints": { "A": { "kind": "address", "format": "|" } } }')!.texts,
    ['"soap11"', '"soap12"', '"pox"', '"get"', '"rest"'])
  t.strictSame(proposed('{ "endpoints": { "A": { "kind": "loadbalance", "failover": | } } }')!.texts, ['true', 'false'])
  t.equal(proposed('{ "endpoints": { "A": { "kind": "address", "uri": "|" } } }'), undefined)
})

t.test('names of artefacts are proposed where one is named', async t => {
  const send = (endpoint: string): string =>
    `{ "proxies": { "P": { "in": [{ "kind": "send", "endpoint": ${endpoint} }] } } }`
  t.strictSame(proposed(send('{ "kind": "reference", "key": "|" }'))!.texts, ['"OrdersLB"'])
  t.strictSame(proposed('{ "sequences": { "S": [{ "kind": "sequence", "key": "|" }] } }')!.texts, ['"errors"'])
  t.strictSame(proposed('{ "proxies": { "P": { "wsdl": { "key": "|" } } } }')!.texts, ['"wsdl"'])
})

t.test('a text that is unfinished or malformed has proposals, or none', async t => {
  t.ok(proposed('{\n  "endpoints": {\n    "A": { "kind": "address", "|\n  }\n}')!.texts.includes('"uri"'))
  for (const text of ['|', '[|', '{ "x": { "y|" } }', '|{}', '"|', '{{{{|', `${'['.repeat(2_000)}|`]) {
    t.doesNotThrow(() => proposed(text), text.slice(0, 20))
  }
})
