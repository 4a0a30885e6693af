import { isParameter, type ParameterReference, type Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import { isWritable } from '../../soap/encode-message.js'
import { FORMATS } from './endpoint-settings.js'

/**
 * Returns one of the words, in any case. Any other text is a problem of the element, except a parameter of a
 * template.
 */
export function enumerated (
  element: Element,
  given: string | undefined,
  words: readonly string[],
  reader: Reader
): string | undefined {
  const text = given?.trim()
  if (text === undefined || text.startsWith('$')) return text
  if (words.includes(text.toLowerCase())) return text.toLowerCase()
  reader.problem(element, `"${text}" is not possible in <${element.name}>`, `one of: ${words.join(', ')}`)
  return undefined
}

export function countOf (element: Element, attribute: string, reader: Reader): number | ParameterReference | undefined {
  const text = element.attribute(attribute)?.trim()
  if (text === undefined || isParameter(text)) return text
  if (/^\d{1,9}$/.test(text)) return Number(text)
  reader.problem(element, `${attribute} expects a whole number, not "${text}"`)
  return undefined
}

/** `failureStatus="502 503"`, of an endpoint with an address or of a group. */
export function statusesOf (element: Element, reader: Reader): number[] | ParameterReference | undefined {
  hintAtProposedStatuses(element, reader)
  const text = element.attribute('failureStatus')?.trim()
  if (text === undefined || isParameter(text)) return text
  const statuses = text.split(/[\s,]+/).filter(Boolean)
  const invalid = statuses.find(status => !/^[1-5]\d\d$/.test(status))
  if (invalid === undefined) return statuses.map(Number)
  reader.problem(
    element,
    `failureStatus expects HTTP statuses, not "${invalid}"`,
    'write them with spaces between: 502 503 504'
  )
  return undefined
}

/** `<failoverHttpStatusCodes>502,503</…>` was proposed to the engine, and is in no release of it. */
function hintAtProposedStatuses (element: Element, reader: Reader): void {
  const proposed = element.child('failoverHttpStatusCodes')
  if (proposed === undefined) return
  const statuses = proposed.text.split(/[\s,]+/).filter(status => /^[1-5]\d\d$/.test(status)).join(' ')
  reader.hint(
    proposed,
    '<failoverHttpStatusCodes> has no effect, nor has it in any release of the real engines',
    `write failureStatus="${statuses || '502 503 504'}" as an attribute of <${element.name}>`
  )
}

/** An unknown format is a hint: the engines ignore it. */
export function formatOf (element: Element, reader: Reader): string | undefined {
  const text = element.attribute('format')?.trim()
  if (text === undefined || text.startsWith('$')) return text
  const format = text.toLowerCase()
  if ((FORMATS as readonly string[]).includes(format)) return format
  reader.hint(element, `format="${text}" has no effect`, `one of: ${FORMATS.join(', ')}`)
  return undefined
}

export function charsetOf (element: Element, reader: Reader): string | undefined {
  const text = element.attribute('encoding')?.trim()
  if (text !== undefined && !text.startsWith('$') && !isWritable(text)) {
    reader.problem(element, `encoding="${text}" is not supported`, 'UTF-8, US-ASCII and ISO-8859-1 are')
  }
  return text
}

export function addressingOf (element: Element, reader: Reader): true | string | undefined {
  const addressing = element.child('enableAddressing')
  if (addressing === undefined) return undefined
  if (addressing.attribute('separateListener') === 'true') {
    reader.problem(
      addressing,
      'separateListener is not supported',
      'responses arrive on the connection of the request; remove the attribute'
    )
  }
  return enumerated(addressing, addressing.attribute('version'), ['final', 'submission'], reader) ?? true
}
