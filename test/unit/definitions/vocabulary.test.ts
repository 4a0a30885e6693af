import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { endpoint, mediator } from '../../../lib/contracts/kind.js'
import { parse } from '../../../lib/definitions/load.js'
import { BUILT_IN_KINDS } from '../../../lib/definitions/reading/read-xml.js'
import { mergedNames, namesIn, vocabularyOf, type ElementWord } from '../../../lib/definitions/vocabulary.js'
import { SYNAPSE_NAMESPACE } from '../../../lib/message/soap-version.js'
import { readPositionedTree, type PositionedElement } from '../../../lib/xml/positioned-tree.js'

const { elements } = vocabularyOf(BUILT_IN_KINDS)
const words = new Map(elements.map(each => [each.name, each]))
const word = (name: string): ElementWord => words.get(name)!
const attribute = (element: string, name: string) => word(element).attributes.find(each => each.name === name)

t.test('elements have their children, attributes and values, with the sentences of the reference', async t => {
  t.match(word('send').description, /^Sends a request to an endpoint/)
  t.ok(word('inSequence').children.includes('send') && word('inSequence').children.includes('payloadFactory'))
  t.ok(word('endpoint').children.includes('loadbalance') && word('endpoint').children.includes('property'))
  t.match(word('suspendOnFailure'), {
    description: /suspended after a failure/,
    children: ['errorCodes', 'initialDuration']
  })
  t.match(word('initialDuration').description, /first suspension/)
  t.strictSame(word('responseAction').values, ['fault', 'discard'])
  t.match(attribute('http', 'uri-template')!.description, /RFC 6570/)
  const formats = attribute('address', 'format')!.values.map(({ value }) => value)
  t.strictSame(formats, ['soap11', 'soap12', 'pox', 'get', 'rest'])
  t.match(
    attribute('session', 'type')!.values.find(({ value }) => value === 'soap'),
    { description: /ServiceGroupId/ }
  )
  t.ok(attribute('loadbalance', 'algorithm')!.values.some(({ value }) => value === 'leastRequests'))
})

t.test('attributes that name an artefact say of which category', async t => {
  t.equal(attribute('endpoint', 'key')!.refersTo, 'endpoints')
  t.equal(attribute('sequence', 'key')!.refersTo, 'sequences')
  t.equal(attribute('target', 'faultSequence')!.refersTo, 'sequences')
  t.equal(attribute('send', 'receive')!.refersTo, 'sequences')
  t.equal(attribute('publishWSDL', 'key')!.refersTo, 'localEntries')
})

/** Elements that are read, and that nothing writes: other spellings, and what is passed over. */
const OTHER_SPELLINGS = /^(loadBalance|recipientList|dynamicLoadBalance|suspendDurationOnFailure)$/

/** A connection of the HTTP connector is the content of a local entry, which may be any XML. */
const CONNECTION = 'http.init'

t.test('the elements of all valid samples are in the vocabulary', async t => {
  const folder = new URL('../../../../test/', import.meta.url).pathname
  const unknown = new Set<string>()
  let count = 0
  const look = (element: PositionedElement): void => {
    if (element.namespace !== SYNAPSE_NAMESPACE || element.name === CONNECTION) return
    count++
    if (!words.has(element.name) && !OTHER_SPELLINGS.test(element.name)) unknown.add(element.name)
    element.children.forEach(look)
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.xml')) continue
    const text = readFileSync(join(folder, name), 'utf8')
    const tree = readPositionedTree(Buffer.from(text))
    if ('root' in tree && parse(text).problems.length === 0) look(tree.root)
  }
  t.ok(count > 300, `${count} elements`)
  t.strictSame([...unknown], [])
})

t.test('kinds of the app are in the vocabulary, also those that cannot be written', async t => {
  const audit = mediator({
    name: 'audit',
    description: 'Writes a line of the audit.',
    fields: { level: Type.Optional(Type.String({ description: 'How much.' })) },
    read: () => ({}),
    build: () => message => ({ to: 'next', message })
  })
  const queue = endpoint({
    name: 'queue',
    description: 'A queue.',
    fields: { topic: Type.String() },
    read: () => ({}),
    build: () => { throw new Error('not built') }
  })
  const own = vocabularyOf({
    ...BUILT_IN_KINDS, mediators: [audit, ...BUILT_IN_KINDS.mediators], endpoints: [queue, ...BUILT_IN_KINDS.endpoints]
  })
  const named = (name: string) => own.elements.find(each => each.name === name)
  t.match(named('audit'), {
    description: 'Writes a line of the audit.',
    attributes: [{ name: 'level', description: 'How much.' }]
  })
  t.ok(named('inSequence')!.children.includes('audit'))
  t.ok(named('endpoint')!.children.includes('queue'))
  t.ok(JSON.stringify(own.schema).includes('"audit"'))
})

t.test('names of artefacts are those of the definitions', async t => {
  const names = namesIn({ endpoints: { A: { kind: 'default' } }, localEntries: { L: { text: '' } } })
  t.strictSame(names, { endpoints: ['A'], sequences: [], templates: [], localEntries: ['L'] })
  t.strictSame(mergedNames([names, names]), names)
})
