import { readFileSync } from 'node:fs'
import t from 'tap'
import { problemsOf } from '../../lib/compiler/find-problems.js'
import { parse } from '../../lib/definitions/load.js'
import type { Problem } from '../../lib/definitions/model/problem.js'
import { mediators } from '../../lib/mediators/index.js'
import { ALTERNATIVES } from '../../lib/mediators/unsupported-mediators.js'
import type { AnyKind } from '../../lib/contracts/kind.js'
import { withBuiltInKinds } from '../../plugins/gateway/configuration/load-configuration.js'
import { runtime } from '../../plugins/gateway/configuration/runtime.js'
import { mediator, type Mediator } from '../../plugins/index.js'

/** docs/migrating.md: every row of the tables of artefacts and mediators is tried. */

const NS = 'http://ws.apache.org/ns/synapse'
const page = readFileSync(new URL('../../../docs/migrating.md', import.meta.url), 'utf8')

interface Row { readonly names: readonly string[], readonly state: string, readonly text: string }

/** The rows of the table below a heading. A name is what stands in backticks in the first column. */
const rowsOf = (heading: string): readonly Row[] => {
  const section = page.slice(page.indexOf(heading)).split('\n## ')[0]!
  return [...section.matchAll(/^\| (`.*?) \| (works|partly|not|ignored) \| (.*) \|$/gm)].map(([, names, state, text]) => ({
    names: [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
    state: state!,
    text: text!.trim()
  }))
}

const problemsIn = (inside: string): readonly Problem[] =>
  problemsOf(parse(`<definitions xmlns="${NS}">${inside}</definitions>`, 'f'), runtime)
    .filter(({ severity }) => severity !== 'hint')
const inSequence = (inside: string): string => `<sequence name="s">${inside}</sequence>`
const ENDPOINT = '<endpoint><address uri="http://h:1/"/></endpoint>'
const TARGET = '<target><sequence><drop/></sequence></target>'
const CONNECTION = '<localEntry key="C"><http.init><baseUrl>http://h:1</baseUrl><name>C</name></http.init></localEntry>'
const TEMPLATE = '<template name="T"><parameter name="a"/><sequence><drop/></sequence></template>'

/** What each mediator that works looks like. */
const ACCEPTED: Readonly<Record<string, string>> = {
  aggregate: '<aggregate><completeCondition timeout="5"><messageCount min="1" max="2"/></completeCondition>' +
    '<onComplete expression="//a"><drop/></onComplete></aggregate>',
  call: `<call><source type="body"/><target type="variable">a</target>${ENDPOINT}</call>`,
  callout: '<callout serviceURL="http://h:1/" action="urn:a"><source xpath="//a"/><target key="b"/></callout>',
  'call-template': '<call-template target="T"><with-param name="a" value="{//b}"/></call-template>',
  clone: `<clone continueParent="true">${TARGET}${TARGET}</clone>`,
  conditionalRouter: '<conditionalRouter><conditionalRoute><condition><equal source="X-A" value="1"/></condition>' +
    `${TARGET}</conditionalRoute></conditionalRouter>`,
  drop: '<drop/>',
  enrich: '<enrich><source xpath="//a"/><target type="body" action="child"/></enrich>',
  filter: '<filter xpath="//a"><then><drop/></then><else><log/></else></filter>',
  foreach: '<foreach expression="//a"><sequence><drop/></sequence></foreach>',
  header: '<header name="To" value="http://h/"/><header name="X-A" scope="transport" expression="//a"/>',
  httpRequest: '<http.post configKey="C"><relativePath>/a/${vars.b}</relativePath><headers>[["X-A", "1"]]</headers>' +
    '<requestBodyType>JSON</requestBodyType><requestBodyJson>${payload}</requestBodyJson></http.post>',
  in: '<in><drop/></in>',
  iterate: `<iterate expression="//a" attachPath="//b" preservePayload="true" sequential="true">${TARGET}</iterate>`,
  log: '<log category="WARN"><message>${payload.a}</message></log>',
  loopback: '<loopback/>',
  makefault: '<makefault version="soap11"><code xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" value="s:Server"/>' +
    '<reason value="no"/></makefault>',
  out: '<out><drop/></out>',
  payloadFactory: '<payloadFactory media-type="json"><format>{"a": $1}</format><args><arg evaluator="json" expression="$.a"/>' +
    '</args></payloadFactory>',
  property: '<property name="a" expression="json-eval($.a)" type="JSON"/>',
  propertyGroup: '<propertyGroup><property name="a" value="1"/></propertyGroup>',
  respond: '<respond/>',
  rewrite: '<rewrite><rewriterule><action value="/a" fragment="path"/></rewriterule></rewrite>',
  router: `<router continueAfter="true"><route expression="//a" match="b" breakRouter="false">${TARGET}</route></router>`,
  send: `<send>${ENDPOINT}</send>`,
  sequence: '<sequence key="{//a}"/>',
  switch: '<switch source="//a"><case regex="b"><drop/></case><default><log/></default></switch>',
  throwError: '<throwError type="A" errorMessage="{//b}"/>',
  variable: '<variable name="a" type="INTEGER" value="1"/>'
}

/** What is refused of mediators that work in part. */
const REFUSED: Readonly<Record<string, string>> = {
  callout: '<callout serviceURL="http://h:1/"><enableSec policy="p"/></callout>',
  'call-template': '<call-template target="T" onError="s"/>',
  foreach: '<foreach collection="${payload.a}"><sequence><drop/></sequence></foreach>',
  header: '<header name="Foo" value="1"/>',
  payloadFactory: '<payloadFactory template-type="freemarker"><format>a</format></payloadFactory>'
}

t.test('every mediator of the table does what its row says', async t => {
  const rows = rowsOf('## 4. Mediator by mediator')
  t.strictSame(rows.flatMap(({ names }) => names).sort(),
    [...mediators.map(({ name }) => name), ...ALTERNATIVES.keys()].sort(), 'each mediator has one row')
  for (const { names, state, text } of rows) {
    for (const name of names) {
      if (state === 'not') {
        const [first, ...others] = problemsIn(inSequence(`<${name}/>`))
        t.match(first, { severity: 'error', code: 'unsupported-mediator', message: `unsupported mediator <${name}>` })
        t.strictSame(others, [])
        t.equal(text.split(': [')[0], first?.hint?.split(': app.')[0], `${name}: the advice is that of its row`)
        continue
      }
      t.strictSame(problemsIn(inSequence(ACCEPTED[name]!) + TEMPLATE + CONNECTION), [], `${name} is accepted`)
      t.equal(REFUSED[name] !== undefined, state === 'partly', `${name}: partly, if some of it is refused`)
      if (REFUSED[name] !== undefined) {
        t.match(problemsIn(inSequence(REFUSED[name]) + TEMPLATE), [{ severity: 'error' }], `${name} in part`)
        t.match(text, /Not: /)
      }
    }
  }
})

t.test('the mediator that the advice shows runs', async t => {
  const [code] = /\{ name: "mine".*?\}\) \}/.exec(ALTERNATIVES.get('class')!) ?? []
  // The advice is code in a text.
  // eslint-disable-next-line no-new-func
  const own = mediator(new Function(`return ${code}`)() as AnyKind<Mediator>)
  const loaded = parse(`<definitions xmlns="${NS}">${inSequence('<mine/>')}</definitions>`, 'f',
    withBuiltInKinds({ mediators: [own] }))
  t.strictSame(loaded.problems, [])
  t.strictSame(loaded.definitions.sequences, { s: [{ kind: 'mine' }] })
})

const group = (inside: string): string => `<endpoint name="e">${inside}</endpoint>`
const MEMBERS = '<endpoint name="m"><address uri="http://h:1/"/></endpoint><endpoint name="n"><address uri="http://h:2/"/></endpoint>'

/** An artefact for each name of the table; `refused`: what a row that works in part does not accept. */
const ARTEFACTS: Readonly<Record<string, { readonly accepted?: string, readonly refused?: string }>> = {
  '<proxy>': {
    accepted: '<proxy name="P"><target><inSequence><drop/></inSequence></target><parameter name="a">1</parameter></proxy>',
    refused: '<proxy name="P" transports="jms"><target><inSequence><drop/></inSequence></target></proxy>'
  },
  '<api>': {
    accepted: '<api name="A" context="/a"><resource methods="GET" uri-template="/{b}"><inSequence><respond/></inSequence></resource></api>',
    refused: '<api name="A" context="/a"><resource><inSequence><respond/></inSequence></resource>' +
      '<handlers><handler class="a.B"/></handlers></api>'
  },
  '<sequence>': { accepted: inSequence('<drop/>') },
  '<template>': { accepted: TEMPLATE },
  '<localEntry>': { accepted: '<localEntry key="a">1</localEntry>' },
  '<registry>': {
    accepted: '<registry provider="org.wso2.carbon.mediation.registry.ESBRegistry"/>',
    refused: '<sequence name="s"><sequence key="gov:none.xml"/></sequence>'
  },
  '<address>': { accepted: group('<address uri="http://h:1/"/>') },
  '<default>': { accepted: group('<default/>') },
  '<http>': { accepted: group('<http uri-template="http://h:1/{uri.var.a}"/>') },
  '<wsdl>': {
    accepted: group('<wsdl service="S" port="P"><definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="u:a"' +
      ' xmlns:t="u:a" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"><binding name="B" type="t:T"><s:binding' +
      ' transport="http://schemas.xmlsoap.org/soap/http"/></binding><service name="S"><port name="P" binding="t:B">' +
      '<s:address location="http://h:1/"/></port></service></definitions></wsdl>')
  },
  '<loadbalance>': { accepted: group(`<loadbalance>${MEMBERS}</loadbalance>`) },
  '<failover>': { accepted: group(`<failover>${MEMBERS}</failover>`) },
  '<recipientlist>': { accepted: group(`<recipientlist>${MEMBERS}</recipientlist>`) },
  key: { accepted: '<endpoint name="e" key="f"/><endpoint name="f"><default/></endpoint>' },
  'key-expression': { accepted: inSequence('<send><endpoint key-expression="//a"/></send>') },
  template: {
    accepted: '<endpoint name="e" template="E" uri="http://h:1/"/><template name="E"><endpoint><address uri="$uri"/></endpoint></template>'
  },
  '<dynamicLoadbalance>': {
    accepted: group('<dynamicLoadbalance><membership dns="h" httpPort="1"/></dynamicLoadbalance>'),
    refused: group('<dynamicLoadbalance><membershipHandler class="a.B"/></dynamicLoadbalance>')
  },
  '<class>': { refused: group('<class name="a.B"/>') },
  '<serviceDynamicLoadbalance>': { refused: group('<serviceDynamicLoadbalance/>') }
}

t.test('every artefact of the table does what its row says', async t => {
  for (const { names, state, text } of rowsOf('## 3. Artefact by artefact')) {
    const [first = '', ...more] = names
    const all = first === '<endpoint>' ? more : names
    for (const name of all) {
      const bare = name.replace(/[<>]/g, '')
      const { accepted, refused = `<${bare}/>` } = ARTEFACTS[name] ?? {}
      if (state === 'works' || state === 'partly') t.strictSame(problemsIn(accepted!), [], `${name} is accepted`)
      if (state === 'ignored') t.strictSame(problemsIn(refused), [], `${name} is ignored`)
      if (state === 'not' || state === 'partly') {
        const [problem] = problemsIn(refused)
        t.ok(problem, `${name} is reported`)
        if (state === 'partly') t.match(text, /Not: /)
        else if (first !== '<endpoint>') t.equal(text.replaceAll('`', ''), problem?.hint, `${name}: the advice is that of its row`)
      }
    }
  }
})
