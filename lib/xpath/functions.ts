import { fault, MediationError } from '../message/fault.js'
import type { FunctionImplementation, EvaluationFocus } from './evaluate.js'
import { nameOf, type Node } from './node.js'
import { getProperty } from '../expression/properties.js'
import { ABSENT, isNodes, stringOf, toBoolean, toNumber, toText, type XValue } from './values.js'

/** A function: how many arguments it takes, and whether without any it speaks of the node in focus. */
export interface Signature { readonly call: FunctionImplementation, readonly minArguments: number, readonly maxArguments: number, readonly usesContextNode?: true }

const takes = (least: number, most: number, call: FunctionImplementation): Signature => ({ call, minArguments: least, maxArguments: most })

const onTexts = (least: number, most: number, call: (...texts: string[]) => string | boolean): Signature =>
  takes(least, most, (args, { run }) => call(...args.map(each => toText(each, run))))

/** On a text and a part of it. At worst each character of the one is compared with each of the other, so that much is paid for. */
const onParts = (call: (text: string, part: string) => string | boolean): Signature =>
  takes(2, 2, (args, { run }) => {
    const [text = '', part = ''] = args.map(each => toText(each, run))
    run.charge(text.length * part.length / 256)
    return call(text, part)
  })

/** On one text: that of the node in focus, unless told. */
const onText = (call: (text: string) => string | number): Signature =>
  ({ minArguments: 0, maxArguments: 1, usesContextNode: true, call: (args, focus) => call(toText(args[0] ?? [focus.node], focus.run)) })

const onNumber = (call: (value: number) => number): Signature => takes(1, 1, (args, { run }) => call(toNumber(args[0]!, run)))

/** On the first node of a set: the one in focus, unless told. */
const onNode = (call: (node: Node) => string): Signature => ({
  minArguments: 0,
  maxArguments: 1,
  usesContextNode: true,
  call: (args, focus) => {
    const [first] = nodesOf(args[0] ?? [focus.node])
    return first === undefined ? '' : call(first)
  }
})

function nodesOf (value: XValue): readonly Node[] {
  if (isNodes(value)) return value
  throw new MediationError(fault('MEDIATION', 'an expression gives a function something else than the nodes that it takes'))
}

/** XPath counts characters, not halves of surrogate pairs. */
const characters = (text: string): string | string[] => /[\ud800-\udfff]/.test(text) ? [...text] : text

const sliceOf = (text: string, from: number, to: number): string => {
  const all = characters(text)
  return typeof all === 'string' ? all.slice(from, to) : all.slice(from, to).join('')
}

/** XPath 1.0, section 4.2: places begin at 1, and both numbers are rounded first. */
function substring ([text, start, length]: readonly XValue[], { run }: EvaluationFocus): string {
  const from = Math.round(toNumber(start!, run))
  const to = length === undefined ? Infinity : from + Math.round(toNumber(length, run))
  const first = Math.max(from, 1)
  return to > first ? sliceOf(toText(text!, run), first - 1, to - 1) : ''
}

function translate (text: string, from: string, to: string): string {
  const targets = [...to]
  const map = new Map<string, string>()
  for (const [at, each] of [...from].entries()) if (!map.has(each)) map.set(each, targets[at] ?? '')
  return Array.from(text, each => map.get(each) ?? each).join('')
}

function lang ([wanted]: readonly XValue[], focus: EvaluationFocus): boolean {
  const language = toText(wanted!, focus.run).toLowerCase()
  for (let at: Node | undefined = focus.node; at !== undefined; at = at.parent) {
    const declared = at.attributes.find(each => each.name === 'lang' && each.prefix === 'xml')
    if (declared !== undefined) return `${declared.value.toLowerCase()}-`.startsWith(`${language}-`)
  }
  return false
}

function charset (name = 'UTF-8'): BufferEncoding {
  if (/^utf-?8$/i.test(name)) return 'utf8'
  if (/^(iso-8859-1|latin1|us-ascii)$/i.test(name)) return 'latin1'
  throw new MediationError(fault('MEDIATION', `an expression names an encoding that is not known: ${name}`))
}

const percent = (text: string, unsafe: RegExp, encoding: BufferEncoding): string =>
  text.replace(unsafe, each => Buffer.from(each, encoding).toString('hex').toUpperCase().replace(/../g, '%$&'))

/** Path and query each by their own rules (RFC 2396): the `+` of a path is escaped, that of a query is not. */
function urlEncode (text: string, encoding?: string): string {
  const at = text.indexOf('?') < 0 ? text.length : text.indexOf('?')
  return percent(text.slice(0, at), /[^\w\-.!~*'():@&=$,;/]/gu, charset(encoding)) + percent(text.slice(at), /[^\w\-.!~*'();/?:@&=+$,]/gu, charset(encoding))
}

/** XPath 1.0, section 4; three that Jaxen adds; and those of the engines. */
export const FUNCTIONS: Readonly<Record<string, Signature>> = {
  last: takes(0, 0, (_, { size }) => size),
  position: takes(0, 0, (_, { position }) => position),
  count: takes(1, 1, ([nodes]) => nodesOf(nodes!).length),
  id: takes(1, 1, () => ABSENT.slice()),
  'local-name': onNode(node => node.name),
  'namespace-uri': onNode(node => node.namespace),
  name: onNode(nameOf),

  string: onText(text => text),
  concat: onTexts(2, Infinity, (...texts) => texts.join('')),
  'starts-with': onTexts(2, 2, (text, start) => text.startsWith(start!)),
  'ends-with': onTexts(2, 2, (text, end) => text.endsWith(end!)),
  contains: onParts((text, part) => text.includes(part)),
  'substring-before': onParts((text, mark) => text.slice(0, Math.max(0, text.indexOf(mark)))),
  'substring-after': onParts((text, mark) => text.includes(mark) ? text.slice(text.indexOf(mark) + mark.length) : ''),
  substring: takes(2, 3, substring),
  'string-length': onText(text => characters(text).length),
  'normalize-space': onText(text => text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '')),
  translate: onTexts(3, 3, (text, from, to) => translate(text, from!, to!)),
  'upper-case': onTexts(1, 1, text => text.toUpperCase()),
  'lower-case': onTexts(1, 1, text => text.toLowerCase()),

  boolean: takes(1, 1, ([value]) => toBoolean(value!)),
  not: takes(1, 1, ([value]) => !toBoolean(value!)),
  true: takes(0, 0, () => true),
  false: takes(0, 0, () => false),
  lang: { minArguments: 1, maxArguments: 1, usesContextNode: true, call: lang },

  number: { minArguments: 0, maxArguments: 1, usesContextNode: true, call: (args, focus) => toNumber(args[0] ?? [focus.node], focus.run) },
  sum: takes(1, 1, ([nodes], { run }) => nodesOf(nodes!).reduce((sum, node) => sum + toNumber(stringOf(node, run), run), 0)),
  floor: onNumber(Math.floor),
  ceiling: onNumber(Math.ceil),
  round: onNumber(Math.round),

  'get-property': takes(1, 3, getProperty),
  base64Encode: onTexts(1, 2, (text, encoding) => Buffer.from(text, charset(encoding)).toString('base64')),
  base64Decode: onTexts(1, 2, (text, encoding) => Buffer.from(text, 'base64').toString(charset(encoding))),
  'url-encode': onTexts(1, 2, urlEncode)
}
