import { algorithms } from '../algorithms/index.js'
import { endpoints } from '../endpoints/index.js'
import { ALTERNATIVES } from '../mediators/unsupported-mediators.js'
import { mediators } from '../mediators/index.js'
import { sessions } from '../sessions/index.js'
import { isPlaceholder, omitUndefined, type AnyKind, type Kinds, type Reader } from '../contracts/kind.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import { normalise, parseXml, XmlError, type Element } from '../xml/element.js'
import { reportUnsupportedArtefact, reportUnsupported } from './unsupported-artefacts.js'
import { problemAt, type ArtefactName, type SourceLocations, type Problem } from './problem.js'
import { readProxy } from './read-proxy.js'

/** The kinds of this package. */
export const BUILT_IN_KINDS: Kinds = { algorithms, sessions, endpoints, mediators }

/** One artefact of a file: its category, its name and what it says, as JSON. */
export interface Artefact { readonly category: 'proxies' | 'sequences' | 'endpoints' | 'localEntries' | 'templates' | 'defaults', readonly name: string, readonly value: object | number }

export interface Reading { readonly artefacts: readonly Artefact[], readonly problems: readonly Problem[] }

/**
 * Synapse XML as artefacts in JSON: `<definitions>`, or one of its parts alone. Nothing is refused here but what cannot be read at all;
 * what has no effect is told as a hint.
 */
export function readXml (file: string, text: string, origins: SourceLocations, kinds: Kinds = BUILT_IN_KINDS): Reading {
  const source = { file, text: normalise(text) }
  const problems: Problem[] = []
  const whole: ArtefactName = { category: 'none', name: file }
  let artefact = whole
  const tell = (severity: Problem['severity']) => (element: Element, message: string, hint?: string): void => {
    problems.push(problemAt({ source, offset: element.offset, artefact }, message, hint, severity))
  }
  const from = <T extends object>(element: Element, value: T, damaged = false): T => {
    origins.set(value, { source, offset: element.offset, artefact, damaged })
    return value
  }
  try {
    const reader = readerOf(kinds, from, tell('error'), tell('hint'))
    const root = rootOf(source.text, reader)
    const artefacts = artefactsOf(root, reader, from, begun => { artefact = begun })
    for (const { at, attribute, known = [] } of root.unhandled()) {
      if (attribute === undefined) tell('hint')(at, `<${at.qname}> has no effect here`, at.namespace === '' ? `it is in no namespace: write it without xmlns="", in ${SYNAPSE_NAMESPACE}` : undefined)
      else tell('hint')(at, `the attribute ${attribute} of <${at.qname}> has no effect`, known.length > 0 ? `these have: ${known.join(', ')}` : undefined)
    }
    return { artefacts, problems }
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    return { artefacts: [], problems: [problemAt({ source, offset: error.offset, artefact: whole }, error.message)] }
  }
}

/** Some manuals print artefacts without their namespace: such a document is read as if it had it. */
function rootOf (text: string, reader: Reader): Element {
  const root = parseXml(text)
  if (root.namespace !== '' || root.prefix !== '' || !TOPS.includes(root.name)) return root
  reader.hint(root, `<${root.name}> is in no namespace, and is read as if it were in ${SYNAPSE_NAMESPACE}`, `the real engines refuse it: write xmlns="${SYNAPSE_NAMESPACE}"`)
  return parseXml(text, SYNAPSE_NAMESPACE)
}

const TOPS = ['definitions', 'proxy', 'sequence', 'endpoint', 'localEntry', 'template']

type From = <T extends object>(element: Element, value: T, damaged?: boolean) => T

const CATEGORIES: Readonly<Record<string, Artefact['category']>> = { proxy: 'proxies', sequence: 'sequences', endpoint: 'endpoints', localEntry: 'localEntries', template: 'templates' }

function artefactsOf (root: Element, reader: Reader, from: From, begin: (artefact: ArtefactName) => void): Artefact[] {
  if (root.namespace !== SYNAPSE_NAMESPACE) {
    reader.problem(root.markHandled(), `<${root.qname}> is in ${root.namespace === '' ? 'no namespace' : `the namespace ${root.namespace}`}`, `a configuration begins with <definitions xmlns="${SYNAPSE_NAMESPACE}">, or with a proxy, sequence, endpoint or localEntry in that namespace`)
    return []
  }
  const tops = root.name === 'definitions' ? root.elements : [root]
  return tops.flatMap(element => {
    const name = (element.attribute(element.name === 'localEntry' ? 'key' : 'name') ?? '').trim()
    begin({ category: (name !== '' && CATEGORIES[element.name]) || 'none', name: name || element.qname })
    const artefact = (category: Artefact['category'], value: object): Artefact[] => {
      if (name === '') reader.problem(element, `<${element.name}> needs a ${element.name === 'localEntry' ? 'key' : 'name'}`, 'others refer to it by that')
      return name === '' ? [] : [{ category, name, value }]
    }
    /** An endpoint, whose name is the key that it is found by. */
    const unnamed = (each: Element): object => {
      const { name: _name, ...endpoint } = reader.endpoint(each) as { name?: string }
      return from(each, endpoint)
    }
    switch (element.namespace === SYNAPSE_NAMESPACE ? element.name : '') {
      case 'proxy': return artefact('proxies', from(element, readProxy(element, reader, from)))
      case 'sequence': return artefact('sequences', reader.sequence(element))
      case 'endpoint': return artefact('endpoints', unnamed(element))
      case 'localEntry': {
        const inside = artefactIn(element)
        if (inside?.name === 'sequence') return artefact('sequences', reader.sequence(inside))
        if (inside?.name === 'endpoint') return artefact('endpoints', unnamed(inside))
        return artefact('localEntries', from(element, readEntry(element)))
      }
      case 'template': {
        const template = readTemplate(element, reader)
        return template === undefined ? [] : artefact('templates', from(element, template))
      }
      case 'description': void element.text; return []
      default: reportUnsupportedArtefact(element, reader); return []
    }
  })
}

/** `<template name><parameter name/>*<endpoint>…` (Synapse: EndpointTemplate's factory) */
function readTemplate (element: Element, reader: Reader): object | undefined {
  const inside = element.child('endpoint')
  if (inside === undefined) {
    if (element.child('sequence')) reportUnsupported(element, 'a template of a sequence, which is not supported', 'write what is in it as <sequence name="…">; what differs is a <property> that is set before', reader)
    else reader.problem(element.markHandled(), '<template> needs an <endpoint>')
    return undefined
  }
  for (const each of element.all('parameter')) if (!each.attribute('name')) reader.problem(each, 'a <parameter> of a template needs a name')
  const parameters = element.all('parameter').flatMap(each => each.attribute('name') ?? [])
  return omitUndefined({ parameters: parameters.length > 0 ? parameters : undefined, endpoint: reader.endpoint(inside) })
}

/** The sequence or endpoint that a local entry holds: its key is their name (Synapse: SynapseConfiguration, getSequence, getEndpoint). */
function artefactIn (entry: Element): Element | undefined {
  if (entry.attribute('src') !== undefined) return undefined
  const inside = entry.child('sequence', 'endpoint')
  if (inside !== undefined) void [entry.child('description'), inside.attribute('name')]
  return inside
}

function readEntry (element: Element): object {
  const src = element.attribute('src')
  if (src !== undefined) return { src: src.trim() }
  element.child('description')
  const [inside] = element.elements.filter(({ name, namespace }) => name !== 'description' || namespace !== SYNAPSE_NAMESPACE)
  return { text: inside ? inside.markup() : element.text }
}

/** What to write instead of a kind of endpoint that needs Java. */
const ADVICE = new Map([
  ['serviceDynamicLoadbalance', 'write <dynamicLoadbalance><membership dns="name" httpPort="…"/></dynamicLoadbalance>'],
  ['class', 'a Java class cannot run here: bring a kind of your own with the option kinds']
])

function readerOf (kinds: Kinds, from: From, tell: Reader['problem'], hint: Reader['hint']): Reader {
  let damaged = false
  const problem: Reader['problem'] = (...told) => {
    damaged = true
    tell(...told)
  }
  /** What cannot be read is the damage of the innermost thing around it. */
  const reading = <T extends object>(element: Element, read: () => T): T => {
    const outer = damaged
    damaged = false
    const value = from(element, read(), damaged)
    damaged = outer
    return value
  }
  const find = (list: readonly AnyKind[], name: string): AnyKind | undefined =>
    list.find(kind => kind.name === name || kind.aliases?.includes(name))
  const as = (kind: AnyKind, element: Element): object => reading(element, () => ({ kind: kind.name, ...kind.read(element, reader) }))
  const namesOf = (list: readonly AnyKind[]): string => list.map(({ name }) => name).join(', ')

  const reader: Reader = {
    problem,
    hint,
    mediators (element) {
      return element.elements.flatMap(child => {
        for (const ignored of ['trace', 'statistics', 'description']) child.attribute(ignored)
        if (child.namespace === SYNAPSE_NAMESPACE && child.name === 'description') return []
        const kind = child.namespace === SYNAPSE_NAMESPACE ? find(kinds.mediators, child.name.split('.')[0]!) : undefined
        if (kind !== undefined) return [as(kind, child)]
        const ours = child.namespace === SYNAPSE_NAMESPACE
        const advice = child.namespace === '' && find(kinds.mediators, child.name) ? 'it is in no namespace: write it without xmlns=""' : ALTERNATIVES.get(child.name.split('.')[0]!) ?? (child.name.includes('.') ? 'connectors are Java: `call` the service that they speak to' : `these are: ${namesOf(kinds.mediators)}`)
        reportUnsupported(child, `no mediator${ours ? ' that is supported' : ` in the namespace ${SYNAPSE_NAMESPACE}`}`, advice, { problem })
        return []
      })
    },
    branch (element) {
      const key = element.attribute('sequence')
      return key === undefined ? reader.mediators(element) : [from(element, { kind: 'sequence', key })]
    },
    sequence (element) {
      for (const ignored of ['trace', 'statistics']) element.attribute(ignored)
      const about = omitUndefined({ onError: element.attribute('onError'), description: element.child('description')?.text })
      const list = reader.mediators(element)
      return from(element, Object.keys(about).length === 0 ? list : { ...about, mediators: list })
    },
    endpoint (element) {
      const plain = element.name === 'member' ? find(kinds.endpoints, 'member') : undefined
      if (plain !== undefined) return as(plain, element)
      const byAttribute = (['key', 'key-expression', 'template'] as const).find(name => element.attribute(name) !== undefined)
      const kind = byAttribute
        ? find(kinds.endpoints, { key: 'reference', 'key-expression': 'dynamicReference', template: 'template' }[byAttribute])
        : kinds.endpoints.find(each => element.child(each.name, ...each.aliases ?? []))
      if (kind !== undefined) return as(kind, element)
      const known = element.elements.find(({ name, namespace }) => namespace === SYNAPSE_NAMESPACE && !['description', 'property', 'session'].includes(name))
      element.markHandled()
      return reading(element, () => {
        problem(known ?? element, byAttribute ? `endpoints with ${byAttribute} are not supported` : known ? `<${known.name}> is no kind of endpoint that is supported` : 'the endpoint says nowhere to send to',
          ADVICE.get(known?.name ?? '') ?? `these are: ${namesOf(kinds.endpoints)}`)
        return { kind: 'default' }
      })
    },
    session (element) {
      const type = element.attribute('type') ?? ''
      const kind = kinds.sessions.find(({ name }) => name.toLowerCase() === type.toLowerCase())
      if (kind !== undefined) return as(kind, element)
      problem(element.markHandled(), type === '' ? '<session> needs a type' : `"${type}" is no type of session that is supported`, `these are: ${namesOf(kinds.sessions)}`)
      return undefined
    },
    algorithm (element) {
      const [algorithm, policy] = [element.attribute('algorithm')?.trim(), element.attribute('policy')?.trim()]
      if (algorithm !== undefined && policy !== undefined) problem(element, 'a group has either an algorithm or a policy, not both', 'leave out the policy')
      const name = algorithm ?? policy
      if (name === undefined) return undefined
      const kind = find(kinds.algorithms, name)
      if (kind !== undefined) return as(kind, element)
      problem(element, `"${name}" is no algorithm that is supported`, `these are: ${namesOf(kinds.algorithms)}`)
      return undefined
    },
    expression (element, attribute) {
      const xpath = element.attribute(attribute)
      if (xpath === undefined) return undefined
      const used = Object.entries(element.prefixes).filter(([prefix]) => prefix !== '' && prefix !== 'xml' && xpath.includes(`${prefix}:`))
      return from(element, omitUndefined({ xpath, namespaces: used.length > 0 ? Object.fromEntries(used) : undefined }))
    },
    flag (element, attribute) {
      const text = element.attribute(attribute)
      if (text === undefined) return undefined
      const [isTrue, isFalse] = [/^\s*(true|1|yes)\s*$/i, /^\s*(false|0|no)\s*$/i].map(words => words.test(text))
      if (!isTrue && !isFalse) problem(element, `${attribute} expects true or false, not "${text}"`)
      return isTrue === isFalse ? undefined : isTrue
    },
    number (element, name) {
      const child = element?.child(name)
      if (child === undefined) return undefined
      if (isPlaceholder(child.text)) return child.text
      if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(child.text)) return Number(child.text)
      problem(child, `<${name}> expects a number, not "${child.text}"`, name === 'suspendDurationOnFailure' ? 'in seconds' : /duration$|delay$|timeout$/i.test(name) ? 'in milliseconds' : undefined)
      return undefined
    },
    numbers (element, name) {
      const child = element?.child(name)
      if (child === undefined) return undefined
      if (isPlaceholder(child.text)) return child.text
      const parts = child.text.split(/[\s,]+/).filter(Boolean)
      const wrong = parts.find(part => !/^[+-]?\d{1,10}$/.test(part))
      if (wrong !== undefined) problem(child, `<${name}> expects whole numbers separated by commas, not "${wrong}"`)
      return parts.filter(part => /^[+-]?\d{1,10}$/.test(part)).map(Number)
    }
  }
  return reader
}
