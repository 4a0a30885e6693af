import { omitUndefined, type AnyKind, type Kinds, type Writer } from '../contracts/kind.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import { canonical, print, type Attributes, type Content, type Inside, type Tag } from '../xml/markup.js'
import type { Definitions, Proxy, Sequence, Wsdl } from './model.js'
import { BUILT_IN_KINDS } from './read-xml.js'

/**
 * A configuration as one Synapse XML document: the inverse of `readXml`. What is unset stays unset.
 * @throws Error if it holds a kind that cannot be written, or markup that is none
 */
export function writeXml ({ proxies = {}, sequences = {}, endpoints = {}, localEntries = {}, templates = {} }: Definitions, kinds: Kinds = BUILT_IN_KINDS): string {
  const writer = writerOf(kinds)
  const parts = [
    ...each(localEntries, (key, entry): Tag => 'src' in entry ? ['localEntry', { key, src: entry.src }] : ['localEntry', { key }, contentOf(entry.text)]),
    ...each(templates, (name, { parameters = [], endpoint }): Tag => ['template', { name }, ...parameters.map((parameter): Tag => ['parameter', { name: parameter }]), writer.endpoint(endpoint)]),
    ...each(endpoints, (name, endpoint) => withAttributes(writer.endpoint(endpoint), { name })),
    ...each(sequences, (name, sequence) => writer.sequence('sequence', sequence, { name })),
    ...each(proxies, (name, proxy) => proxyAs(name, proxy, writer))
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>\n${print(['definitions', { xmlns: SYNAPSE_NAMESPACE }, ...parts])}\n`
}

/** One part of a configuration alone; an algorithm with the group that it stands in. @throws Error as `writeXml` does */
export function writeArtefact (family: keyof Kinds, config: object, kinds: Kinds = BUILT_IN_KINDS): string {
  const writer = writerOf(kinds)
  switch (family) {
    case 'mediators': return writer.mediators([config]).map(tag => print(tag)).join('')
    case 'endpoints': return print(writer.endpoint(config))
    case 'sessions': return print(writer.session(config))
    case 'algorithms': return print(['loadbalance', writer.algorithm(config)])
  }
}

const each = <T>(parts: Readonly<Record<string, T>>, tag: (name: string, part: T) => Tag): Tag[] =>
  Object.entries(parts).map(([name, part]) => tag(name, part))

const withAttributes = ([element, attributes, ...nodes]: Tag, first: Attributes): Tag =>
  [element, { ...first, ...omitUndefined(attributes) }, ...nodes]

/** `<proxy>`: what only names a sequence or an endpoint does so in an attribute of `<target>`. */
function proxyAs (name: string, { description, transports, startOnLoad, in: inside, out, fault, endpoint, wsdl, parameters = {} }: Proxy, writer: Writer): Tag {
  const named = { inSequence: keyOf('sequence', inside), outSequence: keyOf('sequence', out), faultSequence: keyOf('sequence', fault), endpoint: keyOf('reference', [endpoint]) }
  const inline = ([element, sequence]: [keyof typeof named, Sequence | undefined]): Content =>
    sequence === undefined || named[element] !== undefined ? undefined : writer.sequence(element, sequence)
  return [
    'proxy', { name, transports: transports?.join(' '), startOnLoad },
    description === undefined ? undefined : ['description', {}, description],
    ['target', named,
      endpoint === undefined || named.endpoint !== undefined ? undefined : writer.endpoint(endpoint),
      ...([['inSequence', inside], ['outSequence', out], ['faultSequence', fault]] as [keyof typeof named, Sequence | undefined][]).map(inline)],
    wsdl && wsdlAs(wsdl),
    ...each(parameters, (parameter, value) => ['parameter', { name: parameter }, contentOf(value)])
  ]
}

const wsdlAs = ({ uri, key, inline, resources = [] }: Wsdl): Tag =>
  ['publishWSDL', { uri, key }, inline === undefined ? undefined : { markup: inline }, ...resources.map((resource): Tag => ['resource', { ...resource }])]

/** The name of what a list of one refers to. */
function keyOf (kind: string, list: unknown): string | undefined {
  const [only, ...others] = Array.isArray(list) ? list as { kind: string, key: string }[] : []
  return only?.kind === kind && others.length === 0 ? only.key : undefined
}

/** A text that is one element is written as that, any other as text. */
const contentOf = (text: string): Content => canonical(text) === text ? { markup: text } : text

function writerOf (kinds: Kinds): Writer {
  const write = (list: readonly AnyKind[], config: unknown): { kind: AnyKind, inside: Inside } => {
    const { kind: name, ...fields } = config as { kind: string }
    const kind = list.find(each => each.name === name)
    if (kind === undefined) throw new Error(`"${name}" is of no kind that is known`)
    if (kind.write === undefined && Object.keys(kind.fields).length > 0) throw new Error(`"${name}" cannot be written as XML: its kind says how it is read, but not how it is written`)
    return { kind, inside: kind.write?.(fields as never, writer) ?? [{}] }
  }
  const writer: Writer = {
    endpoint: config => ['endpoint', ...write(kinds.endpoints, config).inside],
    mediators: configs => (configs as readonly unknown[]).map(config => {
      const { kind, inside } = write(kinds.mediators, config)
      return [kind.name, ...inside]
    }),
    sequence (element, config, attributes = {}) {
      const { onError, description, mediators } = Array.isArray(config) ? { mediators: config } : config as Exclude<Sequence, readonly unknown[]>
      return [element, { ...attributes, onError }, description === undefined ? undefined : ['description', {}, description], ...writer.mediators(mediators)]
    },
    session (config) {
      const { kind, inside } = write(kinds.sessions, config)
      return withAttributes(['session', ...inside], { type: kind.name })
    },
    algorithm (config) {
      if (config === undefined) return {}
      const { kind, inside: [attributes] } = write(kinds.algorithms, config)
      return { algorithm: kind.aliases?.find(alias => alias.includes('.')) ?? kind.name, ...attributes }
    }
  }
  return writer
}
