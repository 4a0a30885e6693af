import { applyEdits, format } from 'jsonc-parser'

/** Bodies as the console shows them. */

/** How a body is shown. */
export type BodyForm = 'formatted' | 'raw' | 'hex'

/** Characters that are formatted: the page stays quick. */
const MAX_FORMATTED = 100_000
const HEX_WIDTH = 16
const MAX_HEX = 16_384

/** A body in lines. */
export function linesOfBody (text: string, form: BodyForm): string[] {
  if (form === 'hex') return hexLines(new TextEncoder().encode(text).subarray(0, MAX_HEX))
  return (form === 'raw' || text.length > MAX_FORMATTED ? text : formatted(text)).split(/\r\n|\r|\n/)
}

function formatted (text: string): string {
  const first = text.trimStart()[0]
  if (first === '<') return formattedXml(text)
  return first === '{' || first === '[' ? formattedJson(text) : text
}

/** JSON with a line for each member, its numbers and repeated names as they are; unchanged if it is cut off. */
function formattedJson (text: string): string {
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  return applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2, eol: '\n' }))
}

const MARKUP = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>|[^<]+|</g

/** XML with a line for each element. An element with nothing but text stays in one line; the end may be missing. */
function formattedXml (text: string): string {
  const tokens = (text.match(MARKUP) ?? []).filter(token => token.trim() !== '')
  const lines: string[] = []
  let depth = 0
  /** Whether the last line is a start tag, or one with its text. */
  let isOpen = false
  for (const token of tokens) {
    const isEnd = token.startsWith('</')
    const isTag = token.startsWith('<') && !/^<[!?]/.test(token)
    if (isEnd) depth = Math.max(0, depth - 1)
    if (isOpen && (isEnd || !isTag)) lines.push((lines.pop() ?? '') + (isTag ? token : token.trim()))
    else lines.push('  '.repeat(depth) + token.trim())
    isOpen = !isEnd && !/\/>$/.test(token) && (isTag || (isOpen && !isTag))
    if (isTag && !isEnd && !token.endsWith('/>')) depth++
  }
  return lines.join('\n')
}

/** `00000010  3c 61 3e …  <a>` */
function hexLines (bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += HEX_WIDTH) {
    const row = [...bytes.subarray(at, at + HEX_WIDTH)]
    const digits = row.map(byte => byte.toString(16).padStart(2, '0')).join(' ')
    const letters = row.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${digits.padEnd(HEX_WIDTH * 3 - 1)}  ${letters}`)
  }
  return lines
}

/** Which lines do not occur in the other text, as often. */
export function linesThatDiffer (lines: readonly string[], others: readonly string[]): boolean[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.map(line => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}
