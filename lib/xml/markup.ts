import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import { parseXml, XmlError } from './parse-xml.js'
import { escapeAttribute, escapeText } from './escape.js'

/** Attributes by name, declarations of prefixes among them. What is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** An element of a configuration, to be written: `['reason', { value: 'late' }]`. */
export type Tag = readonly [name: string, attributes: Attributes, ...nodes: Content[]]

/** The content of an element: elements, text, or finished markup. Undefined parts are left out. */
export type Content = Tag | string | { readonly markup: string } | undefined

/** An element without its name, which its parent knows. */
export type Inside = readonly [attributes: Attributes, ...nodes: Content[]]

/** Each field as an element of its name; a list with commas between. */
export const asElements = (fields: object): Tag[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, {}, String(value)] as const]))

/**
 * Prints an element, one element per line, as a part of a document whose default namespace is that of Synapse.
 * @throws Error for malformed markup in it
 */
export function print ([name, attributes, ...nodes]: Tag, indent = ''): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeAttribute(String(value))}"`]
  )
  const start = `${indent}<${name}${given.join('')}`
  const parts = nodes.flatMap(node => (node === undefined || node === '' ? [] : partsOf(node, `${indent}  `)))
  if (parts.length === 0) return `${start}/>`
  if (parts.some(({ isText }) => isText)) return `${start}>${parts.map(({ text }) => text.trim()).join('')}</${name}>`
  return [`${start}>`, ...parts.map(({ text }) => text), `${indent}</${name}>`].join('\n')
}

interface MarkupPart {
  readonly isText: boolean
  readonly text: string
}

function partsOf (content: Exclude<Content, undefined>, indent: string): MarkupPart[] {
  if (typeof content === 'string') return [{ isText: true, text: escapeText(content) }]
  if (!('markup' in content)) return [{ isText: false, text: print(content, indent) }]
  return nodesOf(content.markup).flatMap((node): MarkupPart[] => {
    if (typeof node !== 'string') return [{ isText: false, text: indent + node.markup({ '': SYNAPSE_NAMESPACE }) }]
    return node.trim() === '' ? [] : [{ isText: true, text: escapeText(node) }]
  })
}

/** Returns markup in one line, as it is read again; undefined if it is malformed, or not a single element. */
export function canonical (markup: string): string | undefined {
  try {
    return parseXml(markup).markup()
  } catch {
    return undefined
  }
}

function nodesOf (markup: string): ReturnType<typeof parseXml>['nodes'] {
  try {
    return parseXml(`<_>${markup}</_>`).nodes
  } catch (error) {
    if (error instanceof XmlError) throw new Error(`"${markup.slice(0, 60)}" is not XML: ${error.message}`)
    throw error
  }
}
