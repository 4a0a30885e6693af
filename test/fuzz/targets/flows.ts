import { UNEXPECTED } from '../../../lib/message/fault.js'
import type { Message } from '../../../lib/message/message.js'
import { interpretAtOnce } from '../../../lib/pipeline/interpret.js'
import { serveRequest, type ProxyService } from '../../../lib/pipeline/service.js'
import { bytesOf, scanOf, typeOf } from '../../../lib/soap/read.js'
import { isElement } from '../../../lib/xml/fragment.js'
import { answered, proxyOf, request, textOf } from '../../support/flows/drive-flow.js'
import { CALL, enrich, jsonEval as json, targetOf } from '../../support/flows/mediator-xml.js'
import { Finding, type Target } from '../target.js'
import { JSON_SEEDS, XML_SEEDS } from './seeds.js'
import { JSON_SNIPPETS, XML_SNIPPETS } from './snippets.js'

const TARGET = targetOf()
const INLINE = 'type="inline"><new xmlns=""><n>1</n></new></source>'
const INLINE_JSON = 'type="inline">{"new":[1]}</source>'

/** Enriches that change XML and JSON in each way. */
const ENRICHES: readonly string[] = [
  enrich(INLINE, 'action="replace" xpath="//item"'),
  enrich(INLINE, 'action="child" xpath="//b"'),
  enrich(INLINE, 'action="sibling" xpath="//*[2]"'),
  enrich(INLINE, 'type="body"'),
  enrich(INLINE, 'type="body" action="child"'),
  enrich('xpath="//b"/>', 'xpath="//c"'),
  enrich('xpath="string(//b)"/>', 'xpath="//c/@x"'),
  enrich('clone="false" xpath="//b[1]"/>', 'xpath="//c"'),
  enrich('type="envelope"/>', 'type="property" property="e"') +
    enrich('type="property" property="e"/>', 'type="envelope"'),
  enrich('type="body"/>', 'type="property" property="b"') + enrich('type="property" property="b"/>', 'type="body"'),
  enrich(INLINE_JSON, json('$.a')),
  enrich(INLINE_JSON, `action="child" ${json('$..b')}`),
  enrich(INLINE_JSON, `action="sibling" ${json('$.*')}`),
  enrich(`${json('$.a')}/>`, json('$..d')),
  enrich(`${json('$..*')}/>`, 'action="remove" type="body"'),
  enrich(INLINE_JSON, `action="remove" ${json('$..a')}`),
  enrich('type="inline">x</source>', `type="key" ${json('$.a')}`)
]

const FLOWS: readonly string[] = [
  '<payloadFactory media-type="json"><format>{"a":"$1","b":["$2"],"c":"${payload.a}"}</format><args><arg expression="string(//a)"/>' +
    '<arg evaluator="json" literal="true" expression="$.a"/></args></payloadFactory>',
  '<payloadFactory><format><r xmlns="">$1<q a="$2"/>${payload}</r></format><args><arg expression="$body/*"/><arg expression="//b"/></args></payloadFactory>',
  `<iterate expression="//b">${TARGET}</iterate><aggregate><completeCondition/><onComplete expression="//ok"><respond/></onComplete></aggregate>`,
  `<iterate expression="json-eval($.*)">${TARGET}</iterate><aggregate><completeCondition/><onComplete expression="json-eval($)"><respond/></onComplete></aggregate>`,
  '<foreach expression="//b"><sequence><payloadFactory><format><z xmlns="">$1</z></format><args><arg expression="//b"/></args></payloadFactory></sequence></foreach>',
  '<foreach expression="json-eval($)"><sequence><payloadFactory media-type="json"><format>{"z":"$1"}</format><args>' +
    '<arg evaluator="json" literal="true" expression="$"/></args></payloadFactory></sequence></foreach>',
  '<property name="messageType" value="application/json" scope="axis2"/>',
  '<property name="messageType" value="application/xml" scope="axis2"/>',
  '<property name="messageType" value="text/xml" scope="axis2"/>',
  '<log level="full"/>',
  '<variable name="v" type="JSON" expression="json-eval($)"/><property name="p" expression="${vars.v.a}" type="STRING"/>',
  '<header name="Action" expression="//a"/><header name="h:x" xmlns:h="urn:h" expression="//b"/>',
  '<switch source="//a"><case regex="1+"><drop/></case><default><log/></default></switch>',
  '<makefault><code xmlns:t="http://www.w3.org/2003/05/soap-envelope" value="t:Receiver"/><reason expression="//a"/></makefault>',
  `<header name="Action" value="urn:a"/>${CALL}`,
  '<filter xpath="//b = json-eval($.a)"><then><drop/></then></filter>'
]

const serviceOf = (mediators: string): ProxyService => proxyOf({ in: `${mediators}<respond/>` })

/** Responds to every request, so that any number of branches is served. */
function responseOf (service: ProxyService, message: Message): Message {
  let count = 0
  return interpretAtOnce(
    serveRequest(service, message, () => `id${++count}`),
    {
      log: () => {},
      forward (effect) {
        const outcome = answered()
        if (outcome.kind !== 'answered') throw new Error('it is not answered')
        return { ...outcome, message: { ...outcome.message, properties: effect.message.properties } }
      }
    }
  )
}

const TYPES = [
  'application/json',
  'application/xml',
  'text/xml',
  'text/xml; charset=ISO-8859-1',
  'application/soap+xml',
  'text/plain',
  ''
]

/** A mutated body of any type goes through mediators; what comes out must be what its Content-Type says. */
function mediate (services: readonly ProxyService[]): Target['run'] {
  return (input, { oneOf }) => {
    const message: Message = { ...request('x', oneOf(TYPES)), body: { kind: 'bytes', bytes: Buffer.from(input) } }
    const response = responseOf(oneOf(services), message)
    const text = textOf(response)
    if (text.includes(UNEXPECTED)) throw new Finding(`an unexpected error: ${text.slice(0, 300)}`)
    if (!bytesOf(response.body).equals(input)) expectWellFormed(response, text)
  }
}

function expectWellFormed (response: Message, text: string): void {
  const { type } = typeOf(response)
  if (type === 'application/json') JSON.parse(text)
  else if (/xml$/.test(type) && response.body.kind === 'bytes') {
    const kind = scanOf(response)?.kind
    if (kind !== 'envelope' && kind !== 'plain') throw new Finding(`the response is not XML: ${text.slice(0, 300)}`)
    if (/utf-8/i.test(response.headers.join()) && !isElement(text.replace(/^\ufeff|^<\?xml[^>]*>/g, '').trim())) {
      throw new Finding(`the response is not well-formed: ${text.slice(0, 300)}`)
    }
  }
}

const MESSAGES = {
  seeds: [...JSON_SEEDS, ...XML_SEEDS],
  snippets: [...JSON_SNIPPETS, ...XML_SNIPPETS],
  maxLength: 2048
}

export const ENRICH: Target = {
  name: 'enrich',
  looksFor: 'messages on which enrich fails unexpectedly, or that it makes malformed',
  share: 4,
  ...MESSAGES,
  run: mediate(ENRICHES.map(serviceOf))
}

export const FLOW: Target = {
  name: 'flow',
  looksFor: 'messages on which mediators fail unexpectedly, or that they make malformed',
  share: 4,
  ...MESSAGES,
  run: mediate(FLOWS.map(serviceOf))
}
