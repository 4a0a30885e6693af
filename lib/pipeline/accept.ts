/** A media range of an Accept header with its weight. */
interface MediaRange {
  readonly type: string
  readonly weight: number
}

/** Longer headers are not read. */
const MAX_LENGTH = 2_048

/** @see RFC 9110, section 12.5.1 */
function rangesOf (header: string): MediaRange[] {
  if (header.length > MAX_LENGTH) return []
  return header.split(',').map(each => {
    const [type = '', ...parameters] = each.toLowerCase().split(';').map(part => part.trim())
    const [, weight] = /^q=([01](?:\.\d{0,3})?)$/.exec(parameters.find(part => part.startsWith('q=')) ?? '') ?? []
    return { type, weight: weight === undefined ? 1 : Number(weight) }
  })
}

/**
 * Returns the form whose media types a client prefers: that of the greatest weight, then the first in the header.
 * Undefined where the client names none of them: ranges with an asterisk prefer nothing.
 * @param offers the media types of each form
 */
export function preferredType<Form extends string> (
  header: string | undefined, offers: Readonly<Record<Form, readonly string[]>>
): Form | undefined {
  const ranges = rangesOf(header ?? '').filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
  for (const { type } of ranges) {
    const form = Object.keys(offers).find((each): each is Form => offers[each as Form].includes(type))
    if (form !== undefined) return form
  }
  return undefined
}
