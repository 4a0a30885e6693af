import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { CallgrindFiles } from './callgrind.js'

/** Instructions by function. */
export type Profile = readonly CountedFunction[]

export interface CountedFunction {
  readonly name: string
  /** Whether it was compiled from JavaScript. */
  readonly isJavaScript: boolean
  readonly instructions: number
}

/** A range of addresses that belongs to one compiled function. */
interface CompiledRange {
  readonly end: number
  readonly name: string
}

const PAGE = 4096

/** The compiled functions by address. A later function at the same address replaces an earlier one. */
class CompiledFunctions {
  readonly #pages = new Map<number, { readonly begin: number; readonly range: CompiledRange }[]>()

  constructor (symbols: string) {
    for (const line of readFileSync(symbols, 'utf8').split('\n')) {
      const [, address = '', size = '', name = ''] = /^([\da-f]+) ([\da-f]+) (.*)/.exec(line) ?? []
      if (name === '') continue
      const begin = Number.parseInt(address, 16)
      const range = { end: begin + Number.parseInt(size, 16), name }
      for (let page = Math.floor(begin / PAGE); page * PAGE < range.end; page++) {
        const known = this.#pages.get(page)
        if (known === undefined) this.#pages.set(page, [{ begin, range }])
        else known.push({ begin, range })
      }
    }
  }

  nameAt (address: number): string {
    const ranges = this.#pages.get(Math.floor(address / PAGE)) ?? []
    return ranges.findLast(({ begin, range }) => begin <= address && address < range.end)?.range.name ?? '(unknown)'
  }
}

/**
 * Reads a profile of callgrind.
 * @see Callgrind Format Specification: names are given in full once and by number from then on, addresses may be
 * relative to the line before, and the line after `calls=` is the cost of the called function
 */
export async function readProfile ({ profile, symbols }: CallgrindFiles): Promise<Profile> {
  const compiled = new CompiledFunctions(symbols)
  const names = new Map<string, string>()
  const javaScript = new Map<string, number>()
  const native = new Map<string, number>()
  let address = 0
  let current = ''
  let isCall = false
  for await (const line of createInterface(createReadStream(profile, 'utf8'))) {
    if (line.startsWith('calls=')) isCall = true
    else if (line.startsWith('fn=')) current = nameOf(line.slice(3), names)
    // Numbers of called functions are those of other functions.
    else if (line.startsWith('cfn=')) nameOf(line.slice(4), names)
    else if (/^[\d+*-]/.test(line)) {
      const [at = '', , cost = '0'] = line.split(' ')
      address = addressOf(at, address)
      if (isCall) isCall = false
      else if (current.startsWith('0x') || current === '???') add(javaScript, compiled.nameAt(address), Number(cost))
      else add(native, current, Number(cost))
    }
  }
  return [
    ...[...javaScript].map(([name, instructions]) => ({ name, isJavaScript: true, instructions })),
    ...[...native].map(([name, instructions]) => ({ name, isJavaScript: false, instructions }))
  ].sort((a, b) => b.instructions - a.instructions)
}

/** `(number) name` gives a number to a name, `(number)` repeats it. */
function nameOf (text: string, names: Map<string, string>): string {
  const [, number, name] = /^\((\d+)\)(?: (.*))?$/.exec(text) ?? []
  if (number === undefined) return text
  if (name !== undefined) names.set(number, name)
  return name ?? names.get(number) ?? ''
}

function addressOf (text: string, before: number): number {
  switch (text[0]) {
    case '*':
      return before
    case '+':
      return before + Number(text.slice(1))
    case '-':
      return before - Number(text.slice(1))
    default:
      return Number(text)
  }
}

function add (counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
