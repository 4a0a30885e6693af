import { createScanner, type JSONScanner } from 'jsonc-parser'
import {
  CLOSE_BRACE, COLON, COMMA, depthAfter, END, NULL, NUMBER, OPEN_BRACE, STRING, TooDeep
} from '../../json/json-depth.js'
import type { Sliced } from '../../slices/sliced-work.js'

/** Where a value begins and ends in a text. */
export interface JsonPart {
  readonly offset: number
  readonly end: number
}

/** A member of an object. */
export type JsonMember<V> = V & { readonly key: string; readonly keyOffset: number }

/** A value; of an object, also its members. */
export interface JsonCategory extends JsonPart {
  readonly parts: readonly JsonMember<JsonPart>[] | undefined
}

/**
 * Finds the members of an object, and theirs, one a slice, without reading what is in them. Comments and trailing
 * commas are allowed.
 * @returns undefined for a text that is not an object, or malformed between these members
 * @throws TooDeep
 */
export function * partsOf (text: string, maxDepth: number): Sliced<readonly JsonMember<JsonCategory>[] | undefined> {
  const scanner = createScanner(text, true)
  if (scanner.scan() !== OPEN_BRACE) return undefined
  const members = yield * membersIn(scanner, () => categoryIn(scanner, maxDepth))
  const end = scanner.getPosition()
  return scanner.scan() === END && isTrivia(text.slice(end)) ? members : undefined
}

/** Whether a text that has no tokens but white space and comments ends after them. */
function isTrivia (text: string): boolean {
  const scanner = createScanner(text, false)
  while ((scanner.scan() as number) !== END) if (Number(scanner.getTokenError()) !== 0) return false
  return true
}

/** The members of an object after its brace. */
function * membersIn<V> (
  scanner: JSONScanner,
  read: () => Sliced<V | undefined>
): Sliced<readonly JsonMember<V>[] | undefined> {
  const members: JsonMember<V>[] = []
  for (;;) {
    const first = scanner.scan()
    if (first === CLOSE_BRACE) return members
    if (first !== STRING) return undefined
    const [key, keyOffset] = [scanner.getTokenValue(), scanner.getTokenOffset()]
    const value = scanner.scan() === COLON ? yield * read() : undefined
    if (value === undefined) return undefined
    members.push({ ...value, key, keyOffset })
    const next = scanner.scan()
    if (next === CLOSE_BRACE) return members
    if (next !== COMMA) return undefined
  }
}

function * categoryIn (scanner: JSONScanner, maxDepth: number): Sliced<JsonCategory | undefined> {
  const first = scanner.scan()
  const offset = scanner.getTokenOffset()
  if (first !== OPEN_BRACE) {
    const end = endOf(scanner, first, maxDepth)
    return end === undefined ? undefined : { offset, end, parts: undefined }
  }
  const parts = yield * membersIn(scanner, () => partIn(scanner, maxDepth - 2))
  return parts && { offset, end: scanner.getTokenOffset() + 1, parts }
}

function * partIn (scanner: JSONScanner, maxDepth: number): Sliced<JsonPart | undefined> {
  yield
  const first = scanner.scan()
  const offset = scanner.getTokenOffset()
  const end = endOf(scanner, first, maxDepth)
  return end === undefined ? undefined : { offset, end }
}

/** Passes over the value that begins with this token. Brackets need not match: reading it finds that. */
function endOf (scanner: JSONScanner, first: number, maxDepth: number): number | undefined {
  let depth = 0
  for (let token = first; ; token = scanner.scan()) {
    const isBracket = depthAfter(token, 0) !== 0
    if (!isBracket && (token === END || (depth === 0 && (token < NULL || token > NUMBER)))) return undefined
    depth = depthAfter(token, depth)
    if (depth > maxDepth) throw new TooDeep()
    if (depth <= 0) return depth < 0 ? undefined : scanner.getTokenOffset() + scanner.getTokenLength()
  }
}
