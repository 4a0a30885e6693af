import { algorithms } from '../../algorithms/index.js'
import { endpoints } from '../../endpoints/index.js'
import { ALTERNATIVES } from '../../mediators/unsupported-mediators.js'
import { mediators } from '../../mediators/index.js'
import { sessions } from '../../sessions/index.js'
import { isParameter, type Reader } from '../../contracts/xml-form.js'
import { omitUndefined } from '../../contracts/fields.js'
import type { AnyKind, Kinds } from '../../contracts/kind.js'
import { SYNAPSE_NAMESPACE } from '../../message/soap-version.js'
import type { Element } from '../../xml/element.js'
import { didYouMean } from '../model/closest-name.js'
import { isSurprising, truthOf } from '../model/truth-value.js'
import { reportUnsupported } from './unsupported-artefacts.js'

/** The kinds of this package. */
export const BUILT_IN_KINDS: Kinds = { algorithms, sessions, endpoints, mediators }

/** What to write instead of a kind of endpoint that needs Java. */
const ENDPOINT_ALTERNATIVES = new Map([
  ['serviceDynamicLoadbalance', 'write <dynamicLoadbalance><membership dns="name" httpPort="…"/></dynamicLoadbalance>'],
  ['class', 'a Java class cannot run here: pass an endpoint of your own in the option extensions.endpoints']
])

/** The attributes that choose a kind of endpoint. */
const KIND_BY_ATTRIBUTE =
  [['key', 'reference'], ['key-expression', 'dynamicReference'], ['template', 'template']] as const

const find = (list: readonly AnyKind[], name: string): AnyKind | undefined =>
  list.find(kind => kind.name === name || kind.aliases?.includes(name))

const suggest = (name: string, list: readonly AnyKind[]): string =>
  didYouMean(name, list.flatMap(kind => [kind.name, ...kind.aliases ?? []]).filter(known => known !== name)) ??
    `known: ${list.map(kind => kind.name).join(', ')}`

/**
 * What the kinds read their XML with. `locate` records the location of a value; `report` and `hint` collect problems.
 */
export function readerOf (
  kinds: Kinds, locate: <T extends object>(element: Element, value: T, damaged?: boolean) => T,
  report: Reader['problem'], hint: Reader['hint']
): Reader {
  let damaged = false
  const problem: Reader['problem'] = (...parts) => {
    damaged = true
    report(...parts)
  }
  /** A problem damages the innermost value around it only. */
  const reading = <T extends object>(element: Element, read: () => T): T => {
    const outer = damaged
    damaged = false
    const value = locate(element, read(), damaged)
    damaged = outer
    return value
  }
  const readAs = (kind: AnyKind, element: Element): object =>
    reading(element, () => ({ kind: kind.name, ...kind.read(element, reader) }))

  const mediator = (element: Element): object[] => {
    for (const ignored of ['trace', 'statistics', 'description']) element.attribute(ignored)
    const isSynapse = element.namespace === SYNAPSE_NAMESPACE
    if (isSynapse && element.name === 'description') return []
    const [name = ''] = element.name.split('.')
    const kind = isSynapse ? find(kinds.mediators, name) : undefined
    if (kind !== undefined) return [readAs(kind, element)]
    const isUnprefixed = element.namespace === '' && find(kinds.mediators, name) !== undefined
    const isEngine = isSynapse || element.namespace.startsWith('http://wso2.org/')
    const alternative = isEngine
      ? ALTERNATIVES.get(name) ??
        (element.name.includes('.') ? 'connectors are Java: `call` the service that they speak to' : undefined)
      : undefined
    const what = isSynapse || alternative !== undefined
      ? `${alternative ? 'unsupported' : 'unknown'} mediator <${element.qname}>`
      : `<${element.qname}> is not in the namespace ${SYNAPSE_NAMESPACE}`
    const advice = isUnprefixed
      ? 'it is in no namespace: write it without xmlns=""'
      : alternative ?? suggest(name, kinds.mediators)
    const code = alternative ? 'unsupported-mediator' : isSynapse ? 'unsupported-kind' : 'unknown-namespace'
    reportUnsupported(element, what, advice, code, { problem })
    return []
  }

  const endpoint = (element: Element): object => {
    const member = element.name === 'member' ? find(kinds.endpoints, 'member') : undefined
    if (member !== undefined) return readAs(member, element)
    const [attribute, named] = KIND_BY_ATTRIBUTE.find(([name]) => element.attribute(name) !== undefined) ?? []
    const kind = named === undefined
      ? kinds.endpoints.find(each => element.child(each.name, ...each.aliases ?? []))
      : find(kinds.endpoints, named)
    if (kind !== undefined) return readAs(kind, element)
    const child = element.elements.find(({ name, namespace }) =>
      namespace === SYNAPSE_NAMESPACE && !['description', 'property', 'session'].includes(name))
    element.markHandled()
    return reading(element, () => {
      const message = attribute
        ? `endpoints with ${attribute} are not supported`
        : child ? `unknown kind of endpoint <${child.name}>` : 'the endpoint has no address'
      const advice = ENDPOINT_ALTERNATIVES.get(child?.name ?? '') ?? suggest(child?.name ?? '', kinds.endpoints)
      problem(child ?? element, message, advice, 'unsupported-kind')
      return { kind: 'default' }
    })
  }

  const reader: Reader = {
    problem,
    hint,
    located: (element, value) => locate(element, value),
    endpoint,
    mediators: element => element.elements.flatMap(mediator),
    branch (element) {
      const key = element.attribute('sequence')
      return key === undefined ? reader.mediators(element) : [locate(element, { kind: 'sequence', key })]
    },
    sequence (element) {
      for (const ignored of ['trace', 'statistics']) element.attribute(ignored)
      const settings =
        omitUndefined({ onError: element.attribute('onError'), description: element.child('description')?.text })
      const list = reader.mediators(element)
      return locate(element, Object.keys(settings).length === 0 ? list : { ...settings, mediators: list })
    },
    session (element) {
      const type = element.attribute('type') ?? ''
      const kind = kinds.sessions.find(({ name }) => name.toLowerCase() === type.toLowerCase())
      if (kind !== undefined) return readAs(kind, element)
      problem(element.markHandled(), type === '' ? '<session> needs a type' : `unknown type of session "${type}"`,
        suggest(type, kinds.sessions), 'unsupported-kind')
      return undefined
    },
    algorithm (element) {
      const [algorithm, policy] = [element.attribute('algorithm')?.trim(), element.attribute('policy')?.trim()]
      if (algorithm !== undefined && policy !== undefined) {
        problem(element, 'a group has either an algorithm or a policy, not both', 'leave out the policy')
      }
      const name = algorithm ?? policy
      if (name === undefined) return undefined
      const kind = find(kinds.algorithms, name)
      if (kind !== undefined) return readAs(kind, element)
      problem(element, `unknown algorithm "${name}"`, suggest(name, kinds.algorithms), 'unsupported-kind')
      return undefined
    },
    expression (element, attribute) {
      const xpath = attribute === undefined ? element.text.trim() || undefined : element.attribute(attribute)
      if (xpath === undefined) return undefined
      const used =
        Object.entries(element.prefixes).filter(([prefix]) =>
          prefix !== '' && prefix !== 'xml' && xpath.includes(`${prefix}:`))
      return locate(element,
        omitUndefined({ xpath, namespaces: used.length > 0 ? Object.fromEntries(used) : undefined }))
    },
    flag (element, attribute, rule) {
      const text = element.attribute(attribute)
      if (text === undefined) return undefined
      const value = truthOf(text, rule)
      if (value === undefined) {
        problem(element, `${attribute} expects true or false, not "${text}"`, undefined, 'invalid-value')
      } else if (isSurprising(text, rule)) {
        hint(element, `${attribute}="${text}" means ${value}, as in the real engines`,
          `write ${attribute}="${value}", or ${attribute}="${!value}"`, 'invalid-value')
      }
      return value
    },
    number (element, name) {
      const child = element?.child(name)
      if (child === undefined) return undefined
      if (isParameter(child.text)) return child.text
      const pattern = DURATION.test(name) ? /^[+-]?\d+(\.\d*)?$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
      if (pattern.test(child.text)) return Number(child.text)
      problem(child, `<${name}> expects a number, not "${child.text}"`, unitOf(name), 'invalid-value')
      return undefined
    },
    numbers (element, name) {
      const child = element?.child(name)
      if (child === undefined) return undefined
      if (isParameter(child.text)) return child.text
      const parts = child.text.split(/[\s,]+/).filter(Boolean)
      const wrong = parts.find(part => !isWholeNumber(part))
      if (wrong !== undefined) {
        problem(child, `<${name}> expects whole numbers separated by commas, not "${wrong}"`, undefined,
          'invalid-value')
      }
      return parts.filter(isWholeNumber).map(Number)
    }
  }
  return reader
}

const isWholeNumber = (text: string): boolean => /^[+-]?\d{1,10}$/.test(text)

/** Elements that hold milliseconds. */
const DURATION = /duration$|delay$|timeout$/i

const unitOf = (name: string): string | undefined => {
  if (name === 'suspendDurationOnFailure') return 'in seconds'
  return DURATION.test(name) ? 'in milliseconds' : undefined
}
