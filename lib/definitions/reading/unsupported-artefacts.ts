import { ALTERNATIVES } from '../../mediators/unsupported-mediators.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { ProblemCode } from '../../contracts/problem-code.js'
import { SYNAPSE_NAMESPACE } from '../../message/soap-version.js'
import type { Element } from '../../xml/element.js'

/**
 * Artefacts of the real engines that are not supported, and what to do instead.
 * @see Synapse, WSO2: XMLConfigurationFactory
 */
const ARTEFACT_ALTERNATIVES: ReadonlyMap<string, string> = new Map([
  ['task', 'schedule it outside: let a cron job post the message to a proxy'],
  ['inboundEndpoint', 'messages come over http and https: let a service that listens elsewhere post them to a proxy'],
  ['messageStore', 'messages are not stored: send to a service that puts them into a queue'],
  ['messageProcessor', 'messages are not stored: let the consumer of the queue post them to a proxy'],
  [
    'eventSource',
    'send to a service that knows its subscribers; a <recipientlist> sends one message to several endpoints'
  ],
  ['priorityExecutor', 'messages are not queued by priority: leave it out, together with <enqueue>']
])

/** Artefacts that are ignored, and why. */
const IGNORED: ReadonlyMap<string, string> = new Map([
  ['taskManager', 'tasks are not supported'],
  ['import', 'mediators of connectors are reported where they are used']
])

/** Reports an element that is not supported, and each unsupported mediator inside of it. `what` is the message. */
export function reportUnsupported (
  element: Element,
  what: string,
  advice: string,
  code: ProblemCode,
  { problem }: Pick<Reader, 'problem'>
): void {
  problem(element.markHandled(), what, advice, code)
  reportUnsupportedInside(element, problem)
}

/** The elements that hold mediators. Elsewhere, a name like that of a mediator is a setting. */
const HOLDERS: readonly string[] = [
  'sequence',
  'inSequence',
  'outSequence',
  'faultSequence',
  'then',
  'else',
  'case',
  'default',
  'onComplete',
  'onCacheHit',
  'onReject',
  'onAccept',
  'on-fail'
]

function reportUnsupportedInside (element: Element, problem: Reader['problem']): void {
  for (const each of element.elements) {
    const isMediator = each.namespace === SYNAPSE_NAMESPACE && HOLDERS.includes(element.name)
    const advice = isMediator ? ALTERNATIVES.get(each.name) : undefined
    if (advice !== undefined) problem(each, `unsupported mediator <${each.qname}>`, advice, 'unsupported-mediator')
    reportUnsupportedInside(each, problem)
  }
}

/** Reports an element at the top level that is not an artefact of the model. */
export function reportUnsupportedArtefact (element: Element, reader: Reader): void {
  const name = element.namespace === SYNAPSE_NAMESPACE ? element.name : ''
  const reason = IGNORED.get(name)
  if (reason !== undefined) {
    reader.hint(element.markHandled(), `<${element.qname}> is not read`, reason)
    return
  }
  const advice = ARTEFACT_ALTERNATIVES.get(name)
  const what = advice === undefined ? `unknown artefact <${element.qname}>` : `<${element.qname}> is not supported`
  reportUnsupported(
    element,
    what,
    advice ?? 'known: proxy, api, sequence, endpoint, localEntry, template',
    'unsupported-artefact',
    reader
  )
}
