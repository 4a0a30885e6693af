import { MediationError } from '../message/fault.js'
import { isName } from './characters.js'
import { ILLEGAL_XML } from './escape.js'
import { attributesOf, split, tags } from './tags.js'

const LITERAL = /<!\[CDATA\[[\s\S]*?\]\]>|<!--(?:(?!--)[\s\S])*-->|<\?(?!xml[\s?])[A-Za-z_][\s\S]*?\?>/gi
const NO_REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i

/** Whether a text may stand inside of an element: character data and whole elements that declare the prefixes they use. */
export const isContent = (xml: string): boolean => isWellFormed(`<_>${xml}</_>`)

/** Whether a text is one element that declares the prefixes it uses. */
export const isElement = (xml: string): boolean => isWellFormed(xml)

function isWellFormed (xml: string): boolean {
  if (xml.search(ILLEGAL_XML) >= 0) return false
  const text = xml.replace(LITERAL, whole => whole.startsWith('<![') ? '<![CDATA[]]>' : '')
  if (/<[!?](?!\[CDATA\[\]\])/.test(text) || NO_REFERENCE.test(text) || text.replaceAll('<![CDATA[]]>', '').includes(']]>')) return false
  const bound = new Map([['xml', 1]])
  const open: string[][] = []
  const forget = (prefixes: readonly string[]): void => prefixes.forEach(prefix => bound.set(prefix, bound.get(prefix)! - 1))
  try {
    for (const tag of tags(text)) {
      if (tag.kind === 'close') { forget(open.pop()!); continue }
      const names = attributesOf(text, tag).map(({ name }) => name)
      const declared = names.filter(name => name.startsWith('xmlns:')).map(name => name.slice(6))
      for (const prefix of declared) bound.set(prefix, (bound.get(prefix) ?? 0) + 1)
      if (new Set(names).size !== names.length || ![tag.name, ...names].every(name => isBound(name, bound))) return false
      if (tag.kind === 'open') open.push(declared)
      else forget(declared)
    }
    return true
  } catch (error) {
    if (error instanceof MediationError) return false
    throw error
  }
}

function isBound (name: string, bound: ReadonlyMap<string, number>): boolean {
  const { prefix, local } = split(name)
  return isName(local) && (prefix === '' ? !name.startsWith(':') : isName(prefix) && (prefix === 'xmlns' || (bound.get(prefix) ?? 0) > 0))
}
