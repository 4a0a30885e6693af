import t from 'tap'
import { compile } from '../../../lib/compiler/compile.js'
import { load, parse, definitionsOrThrow } from '../../../lib/definitions/load.js'
import { readProperties } from '../../../lib/definitions/reading/read-properties.js'
import type { ProxyService } from '../../../lib/pipeline/service.js'
import {
  answered,
  definitionsOf,
  play,
  request,
  textOf,
  TO_BACKEND,
  wrongWith
} from '../../support/flows/drive-flow.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

/** How messages become JSON and XML, as `synapse.properties` says. @see WSO2, JsonUtil, JsonXMLStreamWriter */

const [JSON_TYPE, XML_TYPE] = ['application/json', 'application/xml']
const as = (type: string): string => `<property name="messageType" value="${type}" scope="axis2"/>`

/** A proxy with these lines in its `synapse.properties`. */
function serviceWith (properties: string, inside: string, out = ''): ProxyService {
  const { artefacts, problems } = readProperties('synapse.properties', properties)
  t.strictSame(problems, [])
  const { definitions } = parse(
    definitionsOf(
      `<proxy name="P"><target><inSequence>${inside}</inSequence><outSequence>${out}<send/></outSequence></target></proxy>`
    ),
    ''
  )
  const json = Object.fromEntries(artefacts.map(({ name, value }) => [name, value]))
  const { definitions: checked, problems: wrong } = parse(JSON.stringify({ ...definitions, json }), '')
  return compile(definitionsOrThrow({ definitions: checked, problems: wrong }), FIXED_RUNTIME).services.get('P')!
}
const toJson = (properties: string, xml: string): string =>
  textOf(play(serviceWith(properties, `${as(JSON_TYPE)}<respond/>`), request(xml, XML_TYPE)).response)
const toXml = (properties: string, json: string): string =>
  textOf(play(serviceWith(properties, `${as(XML_TYPE)}<respond/>`), request(json, JSON_TYPE)).response)

const NS = '<o:a xmlns:o="urn:o" xmlns="urn:d" o:k="1"><o:b>2</o:b><c/></o:a>'
/** Properties, an XML message, and what it becomes. */
const CASES: readonly [properties: string, xml: string, json: string][] = [
  ['', '<a><b>1</b><c>true</c><d>null</d><e>x</e></a>', '{"a":{"b":1,"c":true,"d":null,"e":"x"}}'],
  ['synapse.commons.json.output.autoPrimitive=false', '<a><b>1</b><c>true</c></a>', '{"a":{"b":"1","c":"true"}}'],
  [
    'synapse.commons.json.output.disableAutoPrimitive.regex = ^-?(0|[1-9][0-9]*)(\\\\.[0-9]+)?([eE][+-]?[0-9]+)?$',
    '<a><b>1.5</b><c>true</c></a>',
    '{"a":{"b":"1.5","c":true}}'
  ],
  [
    'synapse.commons.json.json.output.disableAutoPrimitive.regex=(false|true)*',
    '<a><b>1</b><c>true</c></a>',
    '{"a":{"b":1,"c":"true"}}'
  ],
  [
    'synapse.commons.json.json.output.disableAutoPrimitive.customReplaceRegex=@@@\n' +
      'synapse.commons.json.json.output.disableAutoPrimitive.customReplaceSequence=',
    '<a><b>@@@007</b><c>7</c><d>x@@@7</d></a>',
    '{"a":{"b":"007","c":7,"d":"x@@@7"}}'
  ],
  ['synapse.commons.json.preserve.namespace=true', NS, '{"o_a":{"@o_k":"1","o_b":2,"c":null}}'],
  [
    'synapse.commons.json.preserve.namespace=true\nsynapse.commons.json.output.namespaceSepChar=-',
    NS,
    '{"o-a":{"@o-k":"1","o-b":2,"c":null}}'
  ],
  [
    'synapse.commons.json.preserve.namespace=true\nsynapse.commons.json.output.enableNSDeclarations=true',
    NS,
    '{"o_a":{"@xmlns_o":"urn:o","@xmlns":"urn:d","@o_k":"1","o_b":2,"c":null}}'
  ],
  ['synapse.commons.json.output.enableNSDeclarations=true', NS, '{"a":{"@k":"1","b":2,"c":null}}'],
  ['synapse.commons.enableXmlNullForEmptyElement=false', '<a><b/><c> </c></a>', '{"a":{"b":"","c":""}}'],
  [
    'synapse.commons.enableXmlNilReadWrite=true',
    '<a xmlns:x="http://www.w3.org/2001/XMLSchema-instance"><b x:nil="true"/><c nil="true"/><d x:nil="false"/></a>',
    '{"a":{"b":null,"c":null,"d":{"@nil":"false"}}}'
  ]
]

t.test('each property of synapse.properties changes how XML becomes JSON', async t => {
  for (const [properties, xml, json] of CASES) t.equal(toJson(properties, xml), json, properties)
})

t.test('null is nil="true" in XML where enableXmlNilReadWrite is true', async t => {
  t.equal(toXml('', '{"a":null,"b":[null,1]}'), '<jsonObject><a/><b/><b>1</b></jsonObject>')
  t.equal(
    toXml('synapse.commons.enableXmlNilReadWrite=true', '{"a":null,"b":[null,1]}'),
    '<jsonObject><a nil="true"/><b nil="true"/><b>1</b></jsonObject>'
  )
})

t.test('the settings hold for requests to endpoints, responses, expressions and payload formats', async t => {
  const none = 'synapse.commons.json.output.autoPrimitive=false'
  const played = play(
    serviceWith(none, `${as(JSON_TYPE)}<send>${TO_BACKEND}</send>`, as(JSON_TYPE)),
    request('<a>1</a>', XML_TYPE),
    answered('<b>2</b>', XML_TYPE)
  )
  t.equal(textOf(played.calls[0]!.message), '{"a":"1"}')
  t.equal(textOf(played.response), '{"b":"2"}')
  const format =
    '<payloadFactory media-type="json"><format>{"x": $1, "y": $2}</format><args><arg expression="//a"/>' +
    '<arg evaluator="json" expression="$.a.b"/></args></payloadFactory><respond/>'
  t.equal(
    textOf(play(serviceWith(none, format), request('<a><b>1</b></a>', XML_TYPE)).response).replace(/\s/g, ''),
    '{"x":{"a":{"b":"1"}},"y":1}'
  )
})

t.test('of a property that occurs twice the last value counts, and comments do not', async t => {
  const { artefacts } = readProperties(
    'f',
    '#synapse.commons.json.preserve.namespace=true\n' +
      'synapse.commons.json.output.autoPrimitive=true\nsynapse.commons.json.output.autoPrimitive=FALSE'
  )
  t.strictSame(artefacts, [{ category: 'json', name: 'autoPrimitive', value: false }])
})

t.test('a backslash at the end of a line of synapse.properties continues it, but for a comment', async t => {
  const read = (text: string) => readProperties('synapse.properties', text)
  t.strictSame(
    read('# a comment \\\nsynapse.global_timeout_interval=1\\\n   000\n').artefacts,
    [{ category: 'defaults', name: 'timeout', value: 1000 }]
  )
  const { problems } = read('a=1\\\n  2\n\nsynapse.global_endpoint_suspend_duration = \\\n  soon\n')
  t.match(problems, [{ line: 4, message: /expects a number, not "soon"/ }])
})

t.test('a property that cannot act here is reported, and so is a malformed regular expression', async t => {
  const { problems } = readProperties(
    'f',
    '\nsynapse.commons.json.output.jsonoutAutoArray=false\n' + 'synapse.commons.json.output.xmloutMultiplePI=false'
  )
  t.match(problems, [
    { severity: 'warning', line: 2, message: /jsonoutAutoArray=false has no effect: it is true here/ }
  ])
  t.equal(problems.length, 1)
  const { definitions } = parse('{"json":{"disableAutoPrimitiveRegex":"("},"proxies":{"P":{"in":[]}}}', '')
  t.strictSame(definitions.json, undefined)
  for (const name of ['disableAutoPrimitiveRegex', 'customReplaceRegex']) {
    t.match(parse(`{\n  "json": {\n    "${name}": "("}}`, 'c.json').problems, [
      { file: 'c.json', line: 3, message: new RegExp(`json\\.${name}: "\\(" is not a regular expression`), hint: /correct it/ }
    ])
    t.throws(() => compile({ ...definitions, json: { [name]: '(' } }, FIXED_RUNTIME), new RegExp(`json\\.${name}: "\\("`))
  }
  const key = 'synapse.commons.json.output.disableAutoPrimitive.regex'
  t.match(readProperties('synapse.properties', `\n${key}=(\n`), {
    artefacts: [],
    problems: [{ file: 'synapse.properties', line: 2, message: /disableAutoPrimitive\.regex: "\(" is not/, hint: String }]
  })
  t.match(parse('{"json":{"autoPrimitive":1}}', 'f').problems, [{ message: /autoPrimitive/ }])
  t.strictSame(wrongWith('<sequence name="s"/>'), [])
})

t.test(
  'the first synapse.properties beside a configuration, in conf, or of the server around it is read',
  async t => {
    const proxy = '<proxy xmlns="http://ws.apache.org/ns/synapse" name="P"><target><inSequence/></target></proxy>'
    const separator = (value: string): string => `synapse.commons.json.output.namespaceSepChar=${value}\n`
    const folder = t.testdir({
      own: { 'p.xml': proxy, 'synapse.properties': separator('a'), conf: { 'synapse.properties': separator('b') } },
      conf: { 'p.xml': proxy, conf: { 'synapse.properties': separator('c') } },
      server: {
        repository: {
          conf: { 'synapse.properties': separator('d') },
          deployment: { server: { 'synapse-configs': { default: { 'proxy-services': { 'p.xml': proxy } } } } }
        }
      },
      mi: {
        conf: { 'synapse.properties': separator('e') },
        repository: {
          deployment: { server: { 'synapse-configs': { default: { 'proxy-services': { 'p.xml': proxy } } } } }
        }
      }
    })
    const found = async (path: string): Promise<unknown> => (await load(`${folder}/${path}`)).definitions.json
    const layout = 'repository/deployment/server/synapse-configs/default'
    t.strictSame(await found('own'), { namespaceSepChar: 'a' })
    t.strictSame(await found('own/p.xml'), { namespaceSepChar: 'a' })
    t.strictSame(await found('conf'), { namespaceSepChar: 'c' })
    t.strictSame(await found(`server/${layout}`), { namespaceSepChar: 'd' })
    t.strictSame(await found(`mi/${layout}`), { namespaceSepChar: 'e' })
  }
)
