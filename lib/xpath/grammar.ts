import { AXES, type Axis, type NodeTest } from './axes.js'
import type { Arithmetic, Expr, Signature, LocationStep, Variable } from './expr.js'
import { tokensOf, type Token } from './tokens.js'
import type { Comparison } from './values.js'
import { UnresolvedName } from './unresolved-name.js'

const MAX_LENGTH = 4096
const MAX_DEPTH = 64

type Operator = 'or' | 'and' | Comparison | Arithmetic

/** By ascending precedence. @see XPath 1.0, sections 3.4 and 3.5 */
const OPERATORS: readonly (readonly Operator[])[] = [
  ['or'], ['and'], ['=', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', 'div', 'mod']
]

const NODE_TYPES = ['node', 'text', 'comment', 'processing-instruction']

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'

/** What the embedding language gives an expression. @see XPath 1.0, section 1 */
export interface StaticContext<Host> {
  readonly namespaces: Readonly<Record<string, string>>
  /** By name, without a prefix. */
  readonly functions: Readonly<Record<string, Signature<Host>>>
  /** Prefixes that may precede a function name, declared or not; `''` for none. */
  readonly functionPrefixes: readonly string[]
  /** Undefined: no such variable. */
  readonly variable: (prefix: string, name: string) => Variable<Host> | undefined
}

/** Parses an expression of at most 4096 characters. @throws SyntaxError with a message of one line */
export function parse<Host> (expression: string, context: StaticContext<Host>): Expr<Host> {
  if (expression.length > MAX_LENGTH) throw new SyntaxError(`it is longer than ${MAX_LENGTH} characters`)
  return new Parser(tokensOf(expression), context).whole()
}

/** The step that `//` abbreviates. */
const DESCENDANTS = { axis: 'descendant-or-self', test: { kind: 'node' }, predicates: [] } as const

class Parser<Host> {
  readonly #tokens: readonly Token[]
  readonly #context: StaticContext<Host>
  #next = 0
  #depth = 0
  /** Calls of `position()` and `last()` so far. */
  #positionCalls = 0

  constructor (tokens: readonly Token[], context: StaticContext<Host>) {
    this.#tokens = tokens
    this.#context = context
  }

  whole (): Expr<Host> {
    if (this.#tokens.length === 1) throw new SyntaxError('it is empty')
    const expr = this.#expression()
    return this.#token.kind === 'end' ? expr : this.#unexpected()
  }

  get #token (): Token { return this.#tokens[this.#next]! }

  #unexpected (wanted?: string): never {
    const { kind, value, at } = this.#token
    const found = kind === 'end' ? 'end' : kind === 'sign' || kind === 'name' ? JSON.stringify(value) : kind
    const expected = wanted === undefined ? '' : `, expected ${wanted}`
    throw new SyntaxError(`unexpected ${found} at character ${at + 1}${expected}`)
  }

  #isSign (value: string, ahead = 0): boolean {
    const token = this.#tokens[this.#next + ahead]
    return token?.kind === 'sign' && token.value === value
  }

  #accept (value: string): boolean {
    const found = this.#isSign(value)
    if (found) this.#next++
    return found
  }

  #expect (value: string): void {
    if (!this.#accept(value)) this.#unexpected(JSON.stringify(value))
  }

  #expression (): Expr<Host> {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH}`)
    const expr = this.#operation(0)
    this.#depth--
    return expr
  }

  #operation (level: number): Expr<Host> {
    if (level === OPERATORS.length) return this.#negation()
    let left = this.#operation(level + 1)
    for (;;) {
      const operator = this.#operatorOf(level)
      if (operator === undefined) return left
      this.#next++
      left = operation(operator, left, this.#operation(level + 1))
    }
  }

  #operatorOf (level: number): Operator | undefined {
    const token = this.#token
    const isOperator = token.kind === 'sign' || (token.kind === 'name' && token.space === '')
    return isOperator ? OPERATORS[level]!.find(each => each === token.value) : undefined
  }

  #negation (): Expr<Host> {
    let minus = 0
    while (this.#accept('-')) minus++
    let expr = this.#union()
    // An even number of signs still converts to a number.
    for (let times = Math.min(minus, 2 - minus % 2); times > 0; times--) {
      expr = operation('*', { kind: 'literal', value: -1 }, expr)
    }
    return expr
  }

  #union (): Expr<Host> {
    const parts = [this.#path()]
    while (this.#accept('|')) parts.push(this.#path())
    return parts.length === 1 ? parts[0]! : { kind: 'union', parts }
  }

  #path (): Expr<Host> {
    if (!this.#beginsPrimary()) {
      const from = this.#isSign('/') || this.#isSign('//') ? 'root' : 'context'
      const alone = this.#isSign('/') && !this.#beginsStep(1) && this.#accept('/')
      return { kind: 'path', from, predicates: [], steps: alone ? [] : this.#steps(from === 'context') }
    }
    const from = this.#primary()
    const predicates = this.#predicates()
    const steps = this.#steps(false)
    return predicates.length === 0 && steps.length === 0 ? from : { kind: 'path', from, predicates, steps }
  }

  #beginsPrimary (): boolean {
    const token = this.#token
    switch (token.kind) {
      case 'number':
      case 'text': return true
      case 'sign': return token.value === '$' || token.value === '('
      case 'name': return this.#isSign('(', 1) && !NODE_TYPES.includes(token.value)
      default: return false
    }
  }

  #beginsStep (ahead: number): boolean {
    const isName = this.#tokens[this.#next + ahead]?.kind === 'name'
    return isName || ['.', '..', '@', '*'].some(each => this.#isSign(each, ahead))
  }

  #primary (): Expr<Host> {
    const token = this.#token
    this.#next++
    switch (token.kind) {
      case 'number':
      case 'text': return { kind: 'literal', value: token.value }
      case 'name': return this.#call(token.space, token.value)
      default: {
        if (token.value === '$') return this.#variable()
        const expr = this.#expression()
        this.#expect(')')
        return expr
      }
    }
  }

  #variable (): Expr<Host> {
    const token = this.#token
    if (token.kind !== 'name' || token.value === '*') return this.#unexpected('the name of a variable')
    this.#next++
    const value = this.#context.variable(token.space, token.value)
    const name = token.space === '' ? token.value : `${token.space}:${token.value}`
    if (value === undefined) throw new UnresolvedName(`unknown variable $${name}`)
    return { kind: 'variable', name, value }
  }

  #call (prefix: string, name: string): Expr<Host> {
    const { functions, functionPrefixes } = this.#context
    const signature = functionPrefixes.includes(prefix) && Object.hasOwn(functions, name) ? functions[name] : undefined
    if (signature === undefined) throw new UnresolvedName(`unknown function ${prefix}${prefix && ':'}${name}()`)
    const args: Expr<Host>[] = []
    this.#expect('(')
    if (!this.#accept(')')) {
      do args.push(this.#expression())
      while (this.#accept(','))
      this.#expect(')')
    }
    const { minArguments, maxArguments } = signature
    if (args.length < minArguments || args.length > maxArguments) {
      throw new SyntaxError(`${name}() takes ${arity(minArguments, maxArguments)}, not ${args.length}`)
    }
    if (name === 'position' || name === 'last') this.#positionCalls++
    return { kind: 'call', name, signature, args }
  }

  #predicates (): Expr<Host>[] {
    const predicates: Expr<Host>[] = []
    while (this.#accept('[')) {
      predicates.push(this.#expression())
      this.#expect(']')
    }
    return predicates
  }

  /** @param relative whether the first step needs no `/` before it */
  #steps (relative: boolean): LocationStep<Host>[] {
    const steps: LocationStep<Host>[] = []
    for (let first = relative; ; first = false) {
      const all = !first && this.#accept('//')
      if (!first && !all && !this.#accept('/')) return steps
      const before = this.#positionCalls
      const step = this.#step()
      // Without positions, `//x` selects the same nodes as one walk over the descendants.
      const isOneWalk = all && step.axis === 'child' && before === this.#positionCalls
      if (isOneWalk && step.predicates.every(isNotNumeric)) steps.push({ ...step, axis: 'descendant' })
      else steps.push(...all ? [DESCENDANTS] : [], step)
    }
  }

  #step (): LocationStep<Host> {
    if (this.#accept('.')) return { axis: 'self', test: { kind: 'node' }, predicates: [] }
    if (this.#accept('..')) return { axis: 'parent', test: { kind: 'node' }, predicates: [] }
    const axis = this.#axis()
    return { axis, test: this.#test(), predicates: this.#predicates() }
  }

  #axis (): Axis {
    if (this.#accept('@')) return 'attribute'
    if (!this.#isSign('::', 1)) return 'child'
    const { value } = this.#token
    const axis = AXES.find(each => each === value)
    if (axis === undefined) throw new SyntaxError(`unknown axis ${value}`)
    this.#next += 2
    return axis
  }

  #test (): NodeTest {
    const token = this.#token
    if (this.#accept('*')) return { kind: 'name' }
    if (token.kind !== 'name') return this.#unexpected('a step')
    this.#next++
    const { space, value } = token
    if (this.#isSign('(') && space === '' && NODE_TYPES.includes(value)) return this.#nodeType(value)
    return { kind: 'name', namespace: this.#namespaceOf(space), name: value === '*' ? undefined : value }
  }

  #nodeType (type: string): NodeTest {
    this.#expect('(')
    if (type === 'processing-instruction' && this.#token.kind === 'text') this.#next++
    this.#expect(')')
    // A tree has no comments and no processing instructions.
    return { kind: type === 'node' || type === 'text' ? type : 'nothing' }
  }

  #namespaceOf (space: string): string {
    if (space === '') return ''
    if (space.startsWith('{')) return space.slice(1, -1)
    if (space === 'xml') return XML_NAMESPACE
    const { namespaces } = this.#context
    const namespace = Object.hasOwn(namespaces, space) ? namespaces[space] : undefined
    if (namespace === undefined) throw new UnresolvedName(`the prefix ${space} is not declared`)
    return namespace
  }
}

function operation<Host> (operator: Operator, left: Expr<Host>, right: Expr<Host>): Expr<Host> {
  switch (operator) {
    case 'or':
    case 'and': return { kind: operator, left, right }
    case '+':
    case '-':
    case '*':
    case 'div':
    case 'mod': return { kind: 'arithmetic', operator, left, right }
    default: return { kind: 'compare', operator, left, right }
  }
}

function arity (least: number, most: number): string {
  const count = least === most ? least : most === Infinity ? `at least ${least}` : `${least} to ${most}`
  return `${count} argument${least === 1 && most === 1 ? '' : 's'}`
}

/** Whether the result is a boolean or a node-set, so that a predicate does not test a position. */
const isNotNumeric = ({ kind }: { readonly kind: string }): boolean =>
  ['compare', 'or', 'and', 'path', 'union'].includes(kind)
