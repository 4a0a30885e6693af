import { ALTERNATIVES } from '../mediators/unsupported-mediators.js'
import type { Reader } from '../contracts/kind.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import type { Element } from '../xml/element.js'

/** Artefacts of the real engines that are not here, by the name of their element, and what to do instead (Synapse and WSO2: their XMLConfigurationFactory). */
const ARTEFACTS: ReadonlyMap<string, string> = new Map([
  ['task', 'nothing begins by itself here: let a cron job post the message to a proxy'],
  ['api', 'write a <proxy>: what follows /services/NAME goes on to its endpoint; other paths are routes of the app that hosts the proxies'],
  ['inboundEndpoint', 'messages come over http and https, at the port of the server: let a service that listens elsewhere post them to a proxy'],
  ['messageStore', 'messages are not kept: send to a service that puts them into a queue'],
  ['messageProcessor', 'messages are not kept: let what takes them from the queue post them to a proxy'],
  ['eventSource', 'send to a service that knows who has subscribed; a <recipientlist> sends one message to several endpoints'],
  ['priorityExecutor', 'messages do not wait for one another here: leave it out, with <enqueue>']
])

/** Artefacts that change nothing here, and why they may stay. */
const WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  ['registry', 'keys name local entries, sequences and endpoints of the configuration'],
  ['taskManager', 'there are no tasks'],
  ['import', 'the mediators of connectors are told where they are used']
])

/** The mediators and artefacts in and below an element that are not here: each told at its place. `what` it is: `no mediator that is supported`. */
export function reportUnsupported (element: Element, what: string, advice: string, { problem }: Pick<Reader, 'problem'>): void {
  problem(element.markHandled(), `<${element.qname}> is ${what}`, advice)
  reportUnsupportedInside(element, problem)
}

/** What holds mediators, in artefacts and mediators that are not here. Elsewhere in them, a name like theirs is a setting. */
const HOLDERS: readonly string[] = ['sequence', 'inSequence', 'outSequence', 'faultSequence', 'then', 'else', 'case', 'default', 'onComplete', 'onCacheHit', 'onReject', 'onAccept', 'on-fail']

function reportUnsupportedInside (element: Element, problem: Reader['problem']): void {
  for (const each of element.elements) {
    const advice = each.namespace === SYNAPSE_NAMESPACE && HOLDERS.includes(element.name) ? ALTERNATIVES.get(each.name) : undefined
    if (advice !== undefined) problem(each, `<${each.qname}> is no mediator that is supported`, advice)
    reportUnsupportedInside(each, problem)
  }
}

/** What stands where an artefact should, and is none of ours. */
export function reportUnsupportedArtefact (element: Element, reader: Reader): void {
  const known = element.namespace === SYNAPSE_NAMESPACE ? element.name : ''
  const harmless = WITHOUT_EFFECT.get(known)
  if (harmless !== undefined) reader.hint(element.markHandled(), `<${element.qname}> is not read`, harmless)
  else reportUnsupported(element, 'not supported at the top level', ARTEFACTS.get(known) ?? 'proxy, sequence, endpoint, localEntry and template are', reader)
}
