import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from '../../lib/definitions/load.js'
import { writeXml } from '../../lib/definitions/write-xml.js'

/** Every sound configuration of this project means the same after each way of conversion. */

const ROOT = new URL('../../../', import.meta.url)
const under = (folder: string): string[] =>
  readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`)
const texts: readonly (readonly [name: string, text: string])[] = [
  ...['config', 'examples', 'test/fixtures'].flatMap(under).filter(name => name.endsWith('.xml')),
  ...under('test/fixtures/golden').filter(name => name.endsWith('.txt'))
].map(name => [name, readFileSync(new URL(name, ROOT), 'utf8').split('\n----------\n', 1)[0]!])

const sound = texts.map(([name, text]) => ({ name, ...parse(text, name) }))
  .filter(({ problems }) => problems.every(({ severity }) => severity !== 'error'))

t.test('XML to JSON to XML and JSON to XML to JSON give the same configuration', async t => {
  t.ok(sound.length > 45, `${sound.length} configurations`)
  for (const { name, definitions } of sound) {
    const xml = writeXml(definitions)
    const again = parse(xml, name)
    t.strictSame(again.problems.filter(({ severity }) => severity === 'error'), [], name)
    const { defaults: _, ...expressible } = definitions
    t.strictSame(again.definitions, expressible, `${name}: from XML`)
    t.equal(writeXml(again.definitions), xml, `${name}: the XML is final`)
    const json = JSON.stringify(definitions)
    const fromJson = parse(json)
    t.strictSame(fromJson.problems, [], name)
    t.strictSame(fromJson.definitions, definitions, `${name}: from JSON`)
  }
})

t.test('a proxy and an API of one computed sequence keep the expression', async t => {
  const key = '<inSequence><sequence key="{fn:concat(\'a\', $ctx:b)}"/></inSequence>'
  const { definitions, problems } = parse(`<definitions xmlns="http://ws.apache.org/ns/synapse">
    <proxy name="P"><target>${key}</target></proxy><api name="A" context="/a"><resource>${key}</resource></api>
  </definitions>`)
  t.strictSame(problems, [])
  t.strictSame(parse(writeXml(definitions)).definitions, definitions)
})
