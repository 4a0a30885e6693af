import type { Context, FunctionImplementation, Signature } from './expr.js'
import { qualifiedName, type Node } from './node.js'
import { EvaluationError, isNodes, stringOf, toBoolean, toNumber, toText, type XValue } from './values.js'

type CoreFunction = Signature<unknown>

/** A function that takes a number of arguments of any type. */
export const takes = <Host>(
  minArguments: number, maxArguments: number, call: FunctionImplementation<Host>
): Signature<Host> => ({ call, minArguments, maxArguments })

/** A function of strings. */
export const onTexts = (
  minArguments: number, maxArguments: number, call: (...texts: string[]) => string | boolean
): CoreFunction => takes(minArguments, maxArguments, (args, { evaluation }) =>
  call(...args.map(each => toText(each, evaluation))))

/** A function that searches one string in another: charges the worst case, which compares each character with each. */
const onSearch = (call: (text: string, part: string) => string | boolean): CoreFunction =>
  takes(2, 2, (args, { evaluation }) => {
    const [text = '', part = ''] = args.map(each => toText(each, evaluation))
    evaluation.charge(text.length * part.length / 256)
    return call(text, part)
  })

/** A function of one string. Default: that of the context node. */
const onText = (call: (text: string) => string | number): CoreFunction => ({
  minArguments: 0,
  maxArguments: 1,
  usesContextNode: true,
  call: (args, context) => call(toText(args[0] ?? [context.node], context.evaluation))
})

const onNumber = (call: (value: number) => number): CoreFunction =>
  takes(1, 1, (args, { evaluation }) => call(toNumber(args[0]!, evaluation)))

/** A function of the first node of a node-set. Default: the context node. */
const onNode = (call: (node: Node) => string): CoreFunction => ({
  minArguments: 0,
  maxArguments: 1,
  usesContextNode: true,
  call: (args, context) => {
    const [first] = nodesOf(args[0] ?? [context.node])
    return first === undefined ? '' : call(first)
  }
})

function nodesOf (value: XValue): readonly Node[] {
  if (isNodes(value)) return value
  throw new EvaluationError('a function of an expression expects a node-set')
}

/** XPath counts characters, not UTF-16 code units. */
const characters = (text: string): string | string[] => /[\ud800-\udfff]/.test(text) ? [...text] : text

const sliceOf = (text: string, from: number, to: number): string => {
  const all = characters(text)
  return typeof all === 'string' ? all.slice(from, to) : all.slice(from, to).join('')
}

/** @see XPath 1.0, section 4.2: positions begin at 1, and both numbers are rounded first */
function substring ([text, start, length]: readonly XValue[], { evaluation }: Context<unknown>): string {
  const from = Math.round(toNumber(start!, evaluation))
  const to = length === undefined ? Infinity : from + Math.round(toNumber(length, evaluation))
  const first = Math.max(from, 1)
  return to > first ? sliceOf(toText(text!, evaluation), first - 1, to - 1) : ''
}

function translate (text: string, from: string, to: string): string {
  const targets = [...to]
  const map = new Map<string, string>()
  for (const [at, each] of [...from].entries()) if (!map.has(each)) map.set(each, targets[at] ?? '')
  return Array.from(text, each => map.get(each) ?? each).join('')
}

function lang ([wanted]: readonly XValue[], context: Context<unknown>): boolean {
  const language = toText(wanted!, context.evaluation).toLowerCase()
  for (let at: Node | undefined = context.node; at !== undefined; at = at.parent) {
    const declared = at.attributes.find(each => each.name === 'lang' && each.prefix === 'xml')
    if (declared !== undefined) return `${declared.value.toLowerCase()}-`.startsWith(`${language}-`)
  }
  return false
}

const sum = ([nodes]: readonly XValue[], { evaluation }: Context<unknown>): number =>
  nodesOf(nodes!).reduce((total, node) => total + toNumber(stringOf(node, evaluation), evaluation), 0)

/** The core function library. @see XPath 1.0, section 4 */
export const CORE_FUNCTIONS: Readonly<Record<string, CoreFunction>> = {
  last: takes(0, 0, (_, { size }) => size),
  position: takes(0, 0, (_, { position }) => position),
  count: takes(1, 1, ([nodes]) => nodesOf(nodes!).length),
  id: takes(1, 1, () => []),
  'local-name': onNode(node => node.name),
  'namespace-uri': onNode(node => node.namespace),
  name: onNode(qualifiedName),

  string: onText(text => text),
  concat: onTexts(2, Infinity, (...texts) => texts.join('')),
  'starts-with': onTexts(2, 2, (text, start) => text.startsWith(start!)),
  contains: onSearch((text, part) => text.includes(part)),
  'substring-before': onSearch((text, mark) => text.slice(0, Math.max(0, text.indexOf(mark)))),
  'substring-after': onSearch((text, mark) => text.includes(mark) ? text.slice(text.indexOf(mark) + mark.length) : ''),
  substring: takes(2, 3, substring),
  'string-length': onText(text => characters(text).length),
  'normalize-space': onText(text => text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '')),
  translate: onTexts(3, 3, (text, from, to) => translate(text, from!, to!)),

  boolean: takes(1, 1, ([value]) => toBoolean(value!)),
  not: takes(1, 1, ([value]) => !toBoolean(value!)),
  true: takes(0, 0, () => true),
  false: takes(0, 0, () => false),
  lang: { minArguments: 1, maxArguments: 1, usesContextNode: true, call: lang },

  number: {
    minArguments: 0,
    maxArguments: 1,
    usesContextNode: true,
    call: (args, context) => toNumber(args[0] ?? [context.node], context.evaluation)
  },
  sum: takes(1, 1, sum),
  floor: onNumber(Math.floor),
  ceiling: onNumber(Math.ceil),
  round: onNumber(Math.round)
}
