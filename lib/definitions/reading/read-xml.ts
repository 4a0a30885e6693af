import { omitUndefined } from '../../contracts/fields.js'
import { readHttpConnection } from '../../endpoints/network/http-connection.js'
import type { Kinds } from '../../contracts/kind.js'
import type { Reader } from '../../contracts/xml-form.js'
import { SYNAPSE_NAMESPACE } from '../../message/soap-version.js'
import type { Sliced } from '../../slices/sliced-work.js'
import type { Element } from '../../xml/element.js'
import { normalise, parseXmlInSlices, XmlError } from '../../xml/parse-xml.js'
import { reportUnsupportedArtefact } from './unsupported-artefacts.js'
import { problemAt, type ArtefactName, type SourceLocations, type Problem } from '../model/problem.js'
import { didYouMean } from '../model/closest-name.js'
import { readApi } from './read-api.js'
import { readProxy } from './read-proxy.js'
import { BUILT_IN_KINDS, readerOf } from './reader.js'

export { BUILT_IN_KINDS } from './reader.js'

/** One artefact of a file: its category, its name, and its content as JSON; of the last three categories a setting. */
export interface Artefact {
  readonly category:
    'proxies' | 'apis' | 'sequences' | 'endpoints' | 'localEntries' | 'templates' |
    'defaults' | 'json' | 'registry'
  readonly name: string
  readonly value: object | number | string | boolean
}

export interface Reading {
  readonly artefacts: readonly Artefact[]
  readonly problems: readonly Problem[]
}

/** Records where a value was read from, and returns it. */
type LocatePart = <T extends object>(element: Element, value: T, damaged?: boolean) => T

/**
 * Reads Synapse XML, `<definitions>` or one artefact alone, into artefacts in JSON, one artefact a slice. Elements and
 * attributes that are ignored are reported as hints.
 * @param key the name of an artefact alone. Default: as it is written
 */
export function * readXml (
  file: string,
  text: string,
  locations: SourceLocations,
  kinds: Kinds = BUILT_IN_KINDS,
  key?: string
): Sliced<Reading> {
  const source = { file, text: normalise(text) }
  const problems: Problem[] = []
  const wholeFile: ArtefactName = { category: 'none', name: file }
  let artefact = wholeFile
  const report =
    (severity: Problem['severity'], fallback: Problem['code']): Reader['problem'] =>
      (element, message, hint, code = fallback) => {
        problems.push(problemAt({ source, offset: element.offset, artefact }, code, message, hint, severity))
      }
  const [problem, hint] = [report('error', 'invalid-configuration'), report('hint', 'no-effect')]
  const locate: LocatePart = (element, value, damaged = false) => {
    locations.set(value, { source, offset: element.offset, artefact, damaged })
    return value
  }
  try {
    const reader = readerOf(kinds, locate, problem, hint)
    const root = yield * rootOf(source.text, reader)
    const begin = (begun: ArtefactName): void => {
      artefact = begun
    }
    const artefacts = yield * artefactsOf(root, reader, { locate, begin, key })
    artefact = wholeFile
    reportUnhandled(root, hint)
    return { artefacts, problems }
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    return {
      artefacts: [],
      problems: [problemAt({ source, offset: error.offset, artefact: wholeFile }, 'malformed-xml', error.message)]
    }
  }
}

function reportUnhandled (element: Element, hint: Reader['hint']): void {
  for (const { at, attribute, known = [], isRepeated } of element.unhandled()) {
    if (attribute !== undefined) {
      hint(
        at,
        `the attribute ${attribute} of <${at.qname}> has no effect`,
        didYouMean(attribute, known) ?? (known.length > 0 ? `known: ${known.join(', ')}` : undefined)
      )
    } else if (isRepeated) {
      hint(at, `a second <${at.qname}> has no effect: the first one counts`, 'join them, or leave it out')
    } else {
      const advice =
        at.namespace === '' ? `it is in no namespace: write it without xmlns="", in ${SYNAPSE_NAMESPACE}` : undefined
      hint(at, `<${at.qname}> has no effect here`, advice)
    }
  }
}

/** Some manuals print artefacts without their namespace: such a document is read as if it had it. */
function * rootOf (text: string, reader: Reader): Sliced<Element> {
  const root = yield * parseXmlInSlices(text)
  if (root.namespace !== '' || root.prefix !== '' || !TOP_LEVEL.includes(root.name)) return root
  reader.hint(
    root,
    `<${root.name}> is in no namespace, and is read as if it were in ${SYNAPSE_NAMESPACE}`,
    `the real engines refuse it: write xmlns="${SYNAPSE_NAMESPACE}"`,
    'unknown-namespace'
  )
  return yield * parseXmlInSlices(text, SYNAPSE_NAMESPACE)
}

const CATEGORIES: Readonly<Record<string, Artefact['category']>> = {
  proxy: 'proxies',
  api: 'apis',
  sequence: 'sequences',
  endpoint: 'endpoints',
  localEntry: 'localEntries',
  template: 'templates'
}

const TOP_LEVEL = ['definitions', ...Object.keys(CATEGORIES)]

interface ArtefactReading {
  readonly locate: LocatePart
  readonly begin: (artefact: ArtefactName) => void
  readonly key: string | undefined
}

function * artefactsOf (root: Element, reader: Reader, { locate, begin, key }: ArtefactReading): Sliced<Artefact[]> {
  if (root.namespace !== SYNAPSE_NAMESPACE) {
    const namespace = root.namespace === '' ? 'no namespace' : `the namespace ${root.namespace}`
    const advice = `a configuration begins with <definitions xmlns="${SYNAPSE_NAMESPACE}">, or with one artefact`
    reader.problem(root.markHandled(), `<${root.qname}> is in ${namespace}`, advice, 'unknown-namespace')
    return []
  }
  const artefacts: Artefact[] = []
  for (const element of root.name === 'definitions' ? root.elements : [root]) {
    const ownName = artefactName(element)
    const name = key ?? ownName
    begin({ category: (name !== '' && CATEGORIES[element.name]) || 'none', name: name || element.qname })
    artefacts.push(...artefactOf(element, name, reader, locate))
    if (element !== root) reportUnhandled(element, reader.hint)
    yield
  }
  return artefacts
}

const artefactName = (element: Element): string =>
  (element.attribute(element.name === 'localEntry' ? 'key' : 'name') ?? '').trim()

function artefactOf (element: Element, name: string, reader: Reader, locate: LocatePart): Artefact[] {
  const artefact = (category: Artefact['category'], value: object): Artefact[] => {
    if (name !== '') return [{ category, name, value }]
    reader.problem(
      element,
      `<${element.name}> needs a ${element.name === 'localEntry' ? 'key' : 'name'}`,
      'others refer to it by that'
    )
    return []
  }
  /** An endpoint whose name is the key of its artefact. */
  const unnamed = (each: Element): object => {
    const { name: _name, ...endpoint } = reader.endpoint(each) as { name?: string }
    return locate(each, endpoint)
  }
  switch (element.namespace === SYNAPSE_NAMESPACE ? element.name : '') {
    case 'proxy':
      return artefact('proxies', locate(element, readProxy(element, reader, locate)))
    case 'api':
      return artefact('apis', locate(element, readApi(element, reader, locate)))
    case 'sequence':
      return artefact('sequences', reader.sequence(element))
    case 'endpoint':
      return artefact('endpoints', unnamed(element))
    case 'localEntry': {
      const child = artefactInside(element)
      if (child?.name.endsWith('.init')) {
        return artefact('endpoints', locate(child, readHttpConnection(child, reader)))
      }
      if (child?.name === 'sequence') return artefact('sequences', reader.sequence(child))
      if (child?.name === 'endpoint') return artefact('endpoints', unnamed(child))
      return artefact('localEntries', locate(element, readEntry(element)))
    }
    case 'template': {
      const body = element.child('sequence')
      if (body !== undefined) return artefact('sequences', locate(body, readSequenceTemplate(element, body, reader)))
      const template = readTemplate(element, reader)
      return template === undefined ? [] : artefact('templates', locate(element, template))
    }
    case 'description':
      void element.text
      return []
    case 'registry':
      return readRegistry(element, reader)
    default:
      reportUnsupportedArtefact(element, reader)
      return []
  }
}

/** Reads `<template name><parameter name/>*<endpoint>…`. @see Synapse: TemplateFactory of endpoints */
function readTemplate (element: Element, reader: Reader): object | undefined {
  const endpoint = element.child('endpoint')
  if (endpoint === undefined) {
    reader.problem(element.markHandled(), '<template> needs an <endpoint> or a <sequence>')
    return undefined
  }
  const unnamed = element.all('parameter').find(each => !each.attribute('name'))
  if (unnamed) reader.problem(unnamed, 'a <parameter> of a template needs a name')
  const parameters = element.all('parameter').flatMap(each => each.attribute('name') ?? [])
  return omitUndefined({
    parameters: parameters.length > 0 ? parameters : undefined,
    endpoint: reader.endpoint(endpoint)
  })
}

/** Reads `<template name onError><parameter name/>*<sequence>…`. @see WSO2, TemplateMediatorFactory */
function readSequenceTemplate (element: Element, body: Element, reader: Reader): object {
  const parameters = element.all('parameter').map(each => {
    const name = each.attribute('name')
    if (!name) reader.problem(each, 'a <parameter> of a template needs a name')
    each.attribute('description')
    return omitUndefined({
      name,
      default: each.attribute('defaultValue'),
      mandatory: reader.flag(each, 'isMandatory', 'onlyTrue')
    })
  })
  const onError = element.attribute('onError')
  const sequence = reader.sequence(body)
  const { mediators, ...settings } = Array.isArray(sequence)
    ? { mediators: sequence }
    : { mediators: [], ...sequence }
  return omitUndefined({ ...settings, ...(onError === undefined ? {} : { onError }), parameters, mediators })
}

/**
 * The sequence, endpoint or connection of the HTTP connector inside of a local entry.
 * @see Synapse: SynapseConfiguration, getSequence, getEndpoint
 */
function artefactInside (entry: Element): Element | undefined {
  if (entry.attribute('src') !== undefined) return undefined
  const child = entry.child('sequence', 'endpoint', 'http.init', 'https.init')
  if (child !== undefined) void [entry.child('description'), child.attribute('name')]
  return child
}

function readEntry (element: Element): object {
  const src = element.attribute('src')
  if (src !== undefined) return { src: src.trim() }
  element.child('description')
  const [child] = element.elements.filter(
    ({ name, namespace }) => name !== 'description' || namespace !== SYNAPSE_NAMESPACE
  )
  return { text: child ? child.markup() : element.text }
}

/** The providers whose registry is a folder, the parameter `root`. */
const FOLDER_REGISTRY = /\.(SimpleURLRegistry|ESBRegistry|MicroIntegratorRegistry|WSO2Registry)$/

/** Reads `<registry provider><parameter name="root">`. @see Synapse: RegistryFactory, SimpleURLRegistry */
function readRegistry (element: Element, reader: Reader): Artefact[] {
  const provider = element.attribute('provider') ?? ''
  const parameters = element.all('parameter').map(each => [each.attribute('name') ?? '', each.text.trim()] as const)
  const root = parameters.find(([name]) => name === 'root')?.[1] ?? ''
  if (!FOLDER_REGISTRY.test(provider)) {
    reader.hint(
      element,
      `<registry provider="${provider}"> is not read`,
      'resources come from files: of artifact.xml, or of SimpleURLRegistry with a root'
    )
    return []
  }
  if (/^(file:.*|[^:]*)$/.test(root)) return root === '' ? [] : [{ category: 'registry', name: 'root', value: root }]
  reader.hint(element, `the registry at ${root} is not read`, 'its root must be a folder: file:repository/…')
  return []
}
