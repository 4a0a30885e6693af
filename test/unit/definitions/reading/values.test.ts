import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'

/**
 * Truth values, enumerations and defaults as the engines read them, element by element.
 * @see Synapse: LoadbalanceEndpointFactory, FailoverEndpointFactory, EndpointDefinitionFactory, ProxyServiceFactory,
 * FaultMediatorFactory, LogMediatorFactory; Axis2: JavaUtils
 */
const NS = 'http://ws.apache.org/ns/synapse'
const MEMBER = '<endpoint><address uri="http://h/"/></endpoint>'
const TARGET = '<target><sequence><drop/></sequence></target>'
const FAULT = '<code value="s:Server" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/><reason value="r"/>'

const artefact = (xml: string) => parse(`<definitions xmlns="${NS}">${xml}</definitions>`, 'f')
const endpoint = (xml: string) => {
  const { definitions, problems } = artefact(`<endpoint name="e">${xml}</endpoint>`)
  return { part: definitions.endpoints?.['e'], problems }
}
const mediator = (xml: string) => {
  const { definitions, problems } = artefact(`<sequence name="s">${xml}</sequence>`)
  const sequence = definitions.sequences?.['s']
  return { part: Array.isArray(sequence) ? sequence[0] : undefined, problems }
}
const proxy = (attributes: string) => {
  const { definitions, problems } = artefact(`<proxy name="p" ${attributes}><target><inSequence/></target></proxy>`)
  return { part: definitions.proxies?.['p'], problems }
}

type Read = (text: string) => { part: unknown, problems: readonly { severity: string, message: string }[] }
interface Row {
  readonly read: Read
  readonly field: string
  /** What each text means. `error`: it is refused. */
  readonly means: Readonly<Record<string, unknown>>
}

const error = Symbol('error')
const TRUTH: Readonly<Record<string, Row>> = {
  'failover of <loadbalance>': {
    read: text => endpoint(`<loadbalance failover="${text}">${MEMBER}</loadbalance>`),
    field: 'failover',
    means: { false: false, FALSE: false, no: true, 0: true, ' false': true, true: true, yes: true, nonsense: true }
  },
  'failover of <dynamicLoadbalance>': {
    read: text => endpoint(`<dynamicLoadbalance failover="${text}"><membership dns="h" httpPort="1"/></dynamicLoadbalance>`),
    field: 'failover',
    means: { false: false, no: true }
  },
  'dynamic of <failover>': {
    read: text => endpoint(`<failover dynamic="${text}">${MEMBER}</failover>`),
    field: 'dynamic',
    means: { false: false, No: false, 0: false, ' no': true, true: true, nonsense: true }
  },
  'startOnLoad of <proxy>': {
    read: text => proxy(`startOnLoad="${text}"`),
    field: 'startOnLoad',
    means: { true: true, TRUE: true, yes: false, 1: false, false: false }
  },
  'clone of the source of <enrich>': {
    read: text => {
      const { part, problems } =
        mediator(`<enrich><source type="body" clone="${text}"/><target type="property" property="p"/></enrich>`)
      return { part: (part as { source?: object }).source, problems }
    },
    field: 'clone',
    means: { true: true, yes: false, false: false }
  },
  'response of <makefault>': {
    read: text => mediator(`<makefault response="${text}">${FAULT}</makefault>`),
    field: 'response',
    means: { true: true, false: false, TRUE: error, yes: error }
  },
  'blocking of <call>': {
    read: text => mediator(`<call blocking="${text}">${MEMBER}</call>`),
    field: 'blocking',
    means: { true: true, yes: false, false: false }
  },
  'continueParent of <iterate>': {
    read: text => mediator(`<iterate expression="//a" continueParent="${text}">${TARGET}</iterate>`),
    field: 'continueParent',
    means: { true: true, TRUE: true, yes: false, false: false }
  },
  'preservePayload of <iterate>': {
    read: text => mediator(`<iterate expression="//a" preservePayload="${text}">${TARGET}</iterate>`),
    field: 'preservePayload',
    means: { true: true, TRUE: true, 1: false, false: false }
  },
  'sequential of <iterate>': {
    read: text => mediator(`<iterate expression="//a" sequential="${text}">${TARGET}</iterate>`),
    field: 'sequential',
    means: { true: true, TRUE: false, yes: false, false: false }
  },
  'continueParent of <clone>': {
    read: text => mediator(`<clone continueParent="${text}">${TARGET}</clone>`),
    field: 'continueParent',
    means: { true: true, Yes: true, 1: true, on: false, no: false }
  },
  'sequential of <clone>': {
    read: text => mediator(`<clone sequential="${text}">${TARGET}</clone>`),
    field: 'sequential',
    means: { true: true, True: false, 1: false, false: false }
  },
  'continueAfter of <router>': {
    read: text => mediator(`<router continueAfter="${text}"><route expression="//a">${TARGET}</route></router>`),
    field: 'continueAfter',
    means: { true: true, TRUE: true, yes: false, false: false }
  },
  'passHeaders of <callout>': {
    read: text => mediator(`<callout serviceURL="http://h/" passHeaders="${text}"/>`),
    field: 'passHeaders',
    means: { true: true, yes: true, on: false, false: false }
  },
  'literal of an <arg>': {
    read: text => {
      const { part, problems } = mediator(
        `<payloadFactory media-type="text"><format>$1</format><args><arg value="a" literal="${text}"/></args></payloadFactory>`
      )
      return { part: (part as { args?: readonly object[] }).args?.[0], problems }
    },
    field: 'literal',
    means: { true: true, TRUE: true, yes: false, false: false }
  },
  'isMandatory of a <parameter>': {
    read: text => {
      const { definitions, problems } = artefact(
        `<template name="t"><parameter name="p" isMandatory="${text}"/><sequence><drop/></sequence></template>`
      )
      const template = definitions.sequences?.['t']
      const parameters = template !== undefined && 'parameters' in template ? template.parameters : undefined
      return { part: parameters?.[0], problems }
    },
    field: 'mandatory',
    means: { true: true, TRUE: true, yes: false, false: false }
  }
}

const ENUMERATIONS: Readonly<Record<string, Row>> = {
  'responseAction of <timeout>': {
    read: text => {
      const { part, problems } = endpoint(`<address uri="http://h/"><timeout><duration>1</duration><responseAction>${text}</responseAction></timeout></address>`)
      return { part: (part as { timeout?: object }).timeout, problems }
    },
    field: 'responseAction',
    means: { fault: 'fault', FAULT: 'fault', ' discard ': 'discard', never: error }
  },
  'format of an address': {
    read: text => endpoint(`<address uri="http://h/" format="${text}"/>`),
    field: 'format',
    means: { soap11: 'soap11', SOAP12: 'soap12', ' pox ': 'pox', nonsense: undefined }
  },
  'version of <enableAddressing>': {
    read: text => endpoint(`<address uri="http://h/"><enableAddressing version="${text}"/></address>`),
    field: 'enableAddressing',
    means: { final: 'final', ' Submission ': 'submission', nonsense: error }
  },
  'level of <log>': {
    read: text => mediator(`<log level="${text}"/>`),
    field: 'level',
    means: { full: 'full', custom: 'custom', nonsense: 'simple' }
  },
  'category of <log>': {
    read: text => mediator(`<log category="${text}"/>`),
    field: 'category',
    means: { debug: 'DEBUG', ' Warn ': 'WARN', nonsense: error }
  },
  'version of <makefault>': {
    read: text => mediator(`<makefault version="${text}">${FAULT}</makefault>`),
    field: 'version',
    means: { soap11: 'soap11', soap12: 'soap12', pox: 'pox', SOAP11: error }
  },
  'action of <property>': {
    read: text => mediator(`<property name="p" value="v" action="${text}"/>`),
    field: 'action',
    means: { remove: 'remove', set: undefined, REMOVE: undefined }
  }
}

for (const [name, { read, field, means }] of Object.entries({ ...TRUTH, ...ENUMERATIONS })) {
  t.test(`${name} is read as the engines read it`, async t => {
    for (const [text, expected] of Object.entries(means)) {
      const { part, problems } = read(text)
      const errors = problems.filter(({ severity }) => severity === 'error')
      if (expected === error) t.not(errors.length, 0, `"${text}" is refused`)
      else t.strictSame([(part as Record<string, unknown>)[field], errors], [expected, []], `"${text}"`)
    }
  })
}

t.test('a boolean whose text means the opposite to the engines is reported', async t => {
  const [hint] = endpoint(`<loadbalance failover="no">${MEMBER}</loadbalance>`).problems
  t.equal(hint?.message, 'failover="no" means true, as in the real engines')
  t.strictSame(endpoint(`<loadbalance failover="false">${MEMBER}</loadbalance>`).problems, [])
})
