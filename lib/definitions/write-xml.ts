import { omitUndefined } from '../contracts/fields.js'
import type { AnyKind, Kinds } from '../contracts/kind.js'
import type { Writer } from '../contracts/xml-form.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import { canonical, print, type Attributes, type Content, type Inside, type Tag } from '../xml/markup.js'
import type { Sequence } from './model/kind-definitions.js'
import type { Api, ApiResource, Definitions, Proxy, Wsdl } from './model/model.js'
import { BUILT_IN_KINDS } from './reading/read-xml.js'

/**
 * Writes a configuration as one Synapse XML document: the inverse of `readXml`. Unset properties stay unset.
 * @throws Error for a kind that cannot be written, and for malformed markup
 */
export function writeXml (definitions: Definitions, kinds: Kinds = BUILT_IN_KINDS): string {
  const { proxies = {}, apis = {}, sequences = {}, endpoints = {}, localEntries = {}, templates = {} } = definitions
  const writer = writerOf(kinds)
  const { root } = definitions.registry ?? {}
  const artefacts = [
    ...(root === undefined ? [] : [registryAt(root)]),
    ...mapEntries(localEntries, (key, entry): Tag =>
      'src' in entry ? ['localEntry', { key, src: entry.src }] : ['localEntry', { key }, contentOf(entry.text)]
    ),
    ...mapEntries(templates, (name, { parameters = [], endpoint }): Tag => [
      'template',
      { name },
      ...parameters.map((parameter): Tag => ['parameter', { name: parameter }]),
      writer.endpoint(endpoint)
    ]),
    ...mapEntries(endpoints, (name, endpoint) => withAttributes(writer.endpoint(endpoint), { name })),
    ...mapEntries(sequences, (name, sequence) => sequenceAs(name, sequence, writer)),
    ...mapEntries(proxies, (name, proxy) => proxyAs(name, proxy, writer)),
    ...mapEntries(apis, (name, api) => apiAs(name, api, writer))
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>\n${print([
    'definitions',
    { xmlns: SYNAPSE_NAMESPACE },
    ...artefacts
  ])}\n`
}

const registryAt = (root: string): Tag => [
  'registry',
  { provider: 'org.apache.synapse.registry.url.SimpleURLRegistry' },
  ['parameter', { name: 'root' }, root]
]

/** Writes one part of a configuration; an algorithm as an attribute of its group. @throws Error as `writeXml` does */
export function writeArtefact (family: keyof Kinds, config: object, kinds: Kinds = BUILT_IN_KINDS): string {
  const writer = writerOf(kinds)
  switch (family) {
    case 'mediators':
      return writer
        .mediators([config])
        .map(tag => print(tag))
        .join('')
    case 'endpoints':
      return print(writer.endpoint(config))
    case 'sessions':
      return print(writer.session(config))
    case 'algorithms':
      return print(['loadbalance', writer.algorithm(config)])
  }
}

/** A sequence with parameters is a template. */
function sequenceAs (name: string, sequence: Sequence, writer: Writer): Tag {
  if (!('parameters' in sequence) || sequence.parameters === undefined) {
    return writer.sequence('sequence', sequence, { name })
  }
  const { parameters, onError, ...body } = sequence
  return [
    'template',
    { name, onError },
    ...parameters.map((each): Tag => [
      'parameter',
      { name: each.name, defaultValue: each.default, isMandatory: each.mandatory }
    ]),
    writer.sequence('sequence', body)
  ]
}

const mapEntries = <T>(parts: Readonly<Record<string, T>>, tag: (name: string, part: T) => Tag): Tag[] =>
  Object.entries(parts).map(([name, part]) => tag(name, part))

const withAttributes = ([element, attributes, ...nodes]: Tag, first: Attributes): Tag => [
  element,
  { ...first, ...omitUndefined(attributes) },
  ...nodes
]

/** The parameter of a proxy that becomes `websocket`. */
const WEB_SOCKET = 'websocket'

/** `<proxy>`: references to sequences and endpoints become attributes of `<target>`. */
function proxyAs (name: string, proxy: Proxy, writer: Writer): Tag {
  const { description, transports, websocket, startOnLoad, endpoint, wsdl } = proxy
  const parameters = { ...(websocket !== undefined && { [WEB_SOCKET]: String(websocket) }), ...proxy.parameters }
  const sequences = { inSequence: proxy.in, outSequence: proxy.out, faultSequence: proxy.fault }
  const attributes: Record<string, string | undefined> = {
    ...Object.fromEntries(
      Object.entries(sequences).map(([element, sequence]) => [element, keyOf('sequence', sequence)])
    ),
    endpoint: keyOf('reference', [endpoint])
  }
  const inline = (element: string, sequence: Sequence | undefined): Content =>
    sequence === undefined || attributes[element] !== undefined ? undefined : writer.sequence(element, sequence)
  return [
    'proxy',
    { name, transports: transports?.join(' '), startOnLoad },
    description === undefined ? undefined : ['description', {}, description],
    [
      'target',
      attributes,
      endpoint === undefined || attributes['endpoint'] !== undefined ? undefined : writer.endpoint(endpoint),
      ...Object.entries(sequences).map(([element, sequence]) => inline(element, sequence))
    ],
    wsdl && wsdlAs(wsdl),
    ...mapEntries(parameters, (parameter, value) => ['parameter', { name: parameter }, contentOf(value)])
  ]
}

/** `<api>`: references to sequences become attributes of `<resource>`. */
function apiAs (name: string, api: Api, writer: Writer): Tag {
  const { description, context, version, versionType, hostname, port, resources } = api
  return [
    'api',
    { name, context, version, 'version-type': versionType, hostname, port },
    description === undefined ? undefined : ['description', {}, description],
    ...resources.map(resource => resourceAs(resource, writer))
  ]
}

function resourceAs (resource: ApiResource, writer: Writer): Tag {
  const { methods, uriTemplate, urlMapping, transports } = resource
  const sequences = Object.entries({
    inSequence: resource.in,
    outSequence: resource.out,
    faultSequence: resource.fault
  })
  const keys = Object.fromEntries(sequences.map(([element, sequence]) => [element, keyOf('sequence', sequence)]))
  const protocol = transports?.length === 1 ? transports[0] : undefined
  return [
    'resource',
    { methods: methods?.join(' '), 'uri-template': uriTemplate, 'url-mapping': urlMapping, protocol, ...keys },
    ...sequences.map(([element, sequence]): Content =>
      sequence === undefined || keys[element] !== undefined ? undefined : writer.sequence(element, sequence)
    )
  ]
}

function wsdlAs ({ uri, key, inline, resources = [] }: Wsdl): Tag {
  const document = inline === undefined ? undefined : { markup: inline }
  return ['publishWSDL', { uri, key }, document, ...resources.map((resource): Tag => ['resource', { ...resource }])]
}

/** The key of a list that consists of one reference by name. */
function keyOf (kind: string, list: unknown): string | undefined {
  const [only, ...others]: { kind?: unknown; key?: unknown }[] = Array.isArray(list) ? list : []
  return only?.kind === kind && others.length === 0 && typeof only.key === 'string' ? only.key : undefined
}

/** A text that is one element is written as markup, any other as text. */
const contentOf = (text: string): Content => (canonical(text) === text ? { markup: text } : text)

function writerOf (kinds: Kinds): Writer {
  const write = (list: readonly AnyKind[], config: unknown): { kind: AnyKind; name: string; inside: Inside } => {
    const { kind: name, ...fields } = config as { kind: string }
    const kind = list.find(each => each.name === name)
    if (kind === undefined) throw new Error(`unknown kind "${name}"`)
    if (kind.write === undefined && Object.keys(kind.fields).length > 0) {
      throw new Error(`"${name}" cannot be written as XML: its kind has fields, but no function "write"`)
    }
    return { kind, name: kind.elementName?.(fields) ?? name, inside: kind.write?.(fields, writer) ?? [{}] }
  }
  const writer: Writer = {
    endpoint: config => ['endpoint', ...write(kinds.endpoints, config).inside],
    mediators: configs =>
      (configs as readonly unknown[]).map(config => {
        const { name, inside } = write(kinds.mediators, config)
        return [name, ...inside]
      }),
    sequence (element, config, attributes = {}) {
      const { onError, description, mediators } = Array.isArray(config)
        ? { mediators: config }
        : (config as Exclude<Sequence, readonly unknown[]>)
      const comment: Content = description === undefined ? undefined : ['description', {}, description]
      return [element, { ...attributes, onError }, comment, ...writer.mediators(mediators)]
    },
    session (config) {
      const { kind, inside } = write(kinds.sessions, config)
      return withAttributes(['session', ...inside], { type: kind.name })
    },
    algorithm (config) {
      if (config === undefined) return {}
      const {
        kind,
        inside: [attributes]
      } = write(kinds.algorithms, config)
      return { algorithm: kind.aliases?.find(alias => alias.includes('.')) ?? kind.name, ...attributes }
    }
  }
  return writer
}
