import { createScanner } from 'jsonc-parser'

/** How deep lists and objects of a configuration may be nested. */
export const MAX_JSON_DEPTH = 200

/** The text nests lists and objects deeper than the limit. */
export class TooDeep extends Error {}

/** Tokens of jsonc-parser, whose enumeration has no values at run time. */
export const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA, COLON] = [1, 2, 3, 4, 5, 6] as const
export const [NULL, STRING, NUMBER, END] = [7, 10, 11, 17] as const

/** The depth after a token. */
export function depthAfter (token: number, depth: number): number {
  if (token === OPEN_BRACE || token === OPEN_BRACKET) return depth + 1
  return token === CLOSE_BRACE || token === CLOSE_BRACKET ? depth - 1 : depth
}

/** Whether the brackets of a text, which may be malformed, are nested deeper. */
export function isDeeperThan (text: string, maxDepth: number): boolean {
  const scanner = createScanner(text, true)
  let depth = 0
  for (let token: number = scanner.scan(); token !== END; token = scanner.scan()) {
    depth = depthAfter(token, depth)
    if (depth > maxDepth) return true
  }
  return false
}
