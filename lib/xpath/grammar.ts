import { AXES, type Axis, type Test } from './axes.js'
import type { Arithmetic, Expr, Step } from './evaluate.js'
import { FUNCTIONS } from './functions.js'
import { variable } from '../expression/properties.js'
import { tokensOf, type Token } from './tokens.js'
import type { Comparison } from './values.js'

const MAX_LENGTH = 4096
const MAX_DEPTH = 64

/** From loose to tight (XPath 1.0, sections 3.4 and 3.5). */
const OPERATORS: readonly (readonly string[])[] = [['or'], ['and'], ['=', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', 'div', 'mod']]

const NODE_TYPES = ['node', 'text', 'comment', 'processing-instruction']

/** Functions are known by their names; these prefixes may stand before them, declared or not. */
const FUNCTION_PREFIXES = ['', 'fn', 'syn', 'synapse']

const XML = 'http://www.w3.org/XML/1998/namespace'

/** @throws SyntaxError, its message one line */
export function parse (expression: string, namespaces: Readonly<Record<string, string>>): Expr {
  if (expression.length > MAX_LENGTH) throw new SyntaxError(`it is longer than ${MAX_LENGTH} characters`)
  return new Parser(tokensOf(expression), namespaces).whole()
}

const everything: Step = { axis: 'descendant-or-self', test: { kind: 'node' }, predicates: [] }

class Parser {
  private readonly tokens: readonly Token[]
  private readonly namespaces: Readonly<Record<string, string>>
  private next = 0
  private depth = 0
  /** How often `position()` and `last()` were called. */
  private counting = 0

  constructor (tokens: readonly Token[], namespaces: Readonly<Record<string, string>>) {
    this.tokens = tokens
    this.namespaces = namespaces
  }

  whole (): Expr {
    if (this.tokens.length === 1) throw new SyntaxError('it is empty')
    const expr = this.expression()
    return this.token.kind === 'end' ? expr : this.unexpected()
  }

  private get token (): Token { return this.tokens[this.next]! }

  private unexpected (wanted?: string): never {
    const { kind, value, at } = this.token
    const found = kind === 'end' ? 'end' : kind === 'sign' || kind === 'name' ? JSON.stringify(value) : kind
    throw new SyntaxError(`unexpected ${found} at character ${at + 1}${wanted === undefined ? '' : `, expected ${wanted}`}`)
  }

  private isSign (value: string, ahead = 0): boolean {
    const token = this.tokens[this.next + ahead]
    return token?.kind === 'sign' && token.value === value
  }

  private accept (value: string): boolean {
    const found = this.isSign(value)
    if (found) this.next++
    return found
  }

  private expect (value: string): void {
    if (!this.accept(value)) this.unexpected(JSON.stringify(value))
  }

  private expression (): Expr {
    if (++this.depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH}`)
    const expr = this.operation(0)
    this.depth--
    return expr
  }

  private operation (level: number): Expr {
    if (level === OPERATORS.length) return this.negation()
    let left = this.operation(level + 1)
    for (;;) {
      const { token } = this
      if (!(token.kind === 'sign' || (token.kind === 'name' && token.space === '')) || !OPERATORS[level]!.includes(token.value)) return left
      this.next++
      left = operation(token.value, left, this.operation(level + 1))
    }
  }

  private negation (): Expr {
    let minus = 0
    while (this.accept('-')) minus++
    let expr = this.union()
    // Twice is not nothing: it makes a number.
    for (let times = Math.min(minus, 2 - minus % 2); times > 0; times--) expr = operation('*', { kind: 'literal', value: -1 }, expr)
    return expr
  }

  private union (): Expr {
    const parts = [this.path()]
    while (this.accept('|')) parts.push(this.path())
    return parts.length === 1 ? parts[0]! : { kind: 'union', parts }
  }

  private path (): Expr {
    if (!this.beginsPrimary()) {
      const from = this.isSign('/') || this.isSign('//') ? 'root' : 'here'
      const alone = this.isSign('/') && !this.beginsStep(1) && this.accept('/')
      return { kind: 'path', from, predicates: [], steps: alone ? [] : this.steps(from === 'here') }
    }
    const from = this.primary()
    const predicates = this.predicates()
    const steps = this.steps(false)
    return predicates.length === 0 && steps.length === 0 ? from : { kind: 'path', from, predicates, steps }
  }

  private beginsPrimary (): boolean {
    const { token } = this
    switch (token.kind) {
      case 'number':
      case 'text': return true
      case 'sign': return token.value === '$' || token.value === '('
      case 'name': return this.isSign('(', 1) && !NODE_TYPES.includes(token.value)
      default: return false
    }
  }

  private beginsStep (ahead: number): boolean {
    return this.tokens[this.next + ahead]?.kind === 'name' || ['.', '..', '@', '*'].some(each => this.isSign(each, ahead))
  }

  private primary (): Expr {
    const { token } = this
    this.next++
    switch (token.kind) {
      case 'number':
      case 'text': return { kind: 'literal', value: token.value }
      case 'name': return this.call(token.space, token.value)
      default: {
        if (token.value === '$') return this.variable()
        const expr = this.expression()
        this.expect(')')
        return expr
      }
    }
  }

  private variable (): Expr {
    const { token } = this
    if (token.kind !== 'name' || token.value === '*') return this.unexpected('the name of a variable')
    this.next++
    const of = variable(token.space, token.value)
    const name = token.space === '' ? token.value : `${token.space}:${token.value}`
    if (of === undefined) throw new SyntaxError(`there is no variable $${name}`)
    return { kind: 'variable', name, of }
  }

  private call (prefix: string, name: string): Expr {
    const signature = FUNCTION_PREFIXES.includes(prefix) && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
    if (signature === undefined) throw new SyntaxError(name === 'json-eval' ? 'json-eval() is not supported: expressions are XPath, on the XML of a message' : `there is no function ${prefix}${prefix && ':'}${name}()`)
    const args: Expr[] = []
    this.expect('(')
    if (!this.accept(')')) {
      do args.push(this.expression())
      while (this.accept(','))
      this.expect(')')
    }
    const { call, minArguments: least, maxArguments: most } = signature
    if (args.length < least || args.length > most) throw new SyntaxError(`${name}() takes ${arity(least, most)}, not ${args.length}`)
    if (name === 'position' || name === 'last') this.counting++
    return { kind: 'call', name, call, args }
  }

  private predicates (): Expr[] {
    const predicates: Expr[] = []
    while (this.accept('[')) {
      predicates.push(this.expression())
      this.expect(']')
    }
    return predicates
  }

  /** @param relative whether the first step needs no `/` before it */
  private steps (relative: boolean): Step[] {
    const steps: Step[] = []
    for (let first = relative; ; first = false) {
      const all = !first && this.accept('//')
      if (!first && !all && !this.accept('/')) return steps
      const before = this.counting
      const step = this.step()
      // `//x` without counting is one walk: the same nodes, each seen once.
      if (all && step.axis === 'child' && before === this.counting && step.predicates.every(isNoNumber)) steps.push({ ...step, axis: 'descendant' })
      else steps.push(...all ? [everything] : [], step)
    }
  }

  private step (): Step {
    if (this.accept('.')) return { axis: 'self', test: { kind: 'node' }, predicates: [] }
    if (this.accept('..')) return { axis: 'parent', test: { kind: 'node' }, predicates: [] }
    const axis = this.axis()
    return { axis, test: this.test(), predicates: this.predicates() }
  }

  private axis (): Axis {
    if (this.accept('@')) return 'attribute'
    if (!this.isSign('::', 1)) return 'child'
    const { value } = this.token
    const axis = AXES.find(each => each === value)
    if (axis === undefined) throw new SyntaxError(`there is no axis ${value}`)
    this.next += 2
    return axis
  }

  private test (): Test {
    const { token } = this
    if (this.accept('*')) return { kind: 'name' }
    if (token.kind !== 'name') return this.unexpected('a step')
    this.next++
    if (this.isSign('(') && token.space === '' && NODE_TYPES.includes(token.value)) return this.nodeType(token.value)
    return { kind: 'name', namespace: this.namespaceOf(token.space), name: token.value === '*' ? undefined : token.value }
  }

  private nodeType (type: string): Test {
    this.expect('(')
    if (type === 'processing-instruction' && this.token.kind === 'text') this.next++
    this.expect(')')
    // No other nodes are in a tree.
    return { kind: type === 'node' || type === 'text' ? type : 'nothing' }
  }

  private namespaceOf (space: string): string {
    if (space === '') return ''
    if (space.startsWith('{')) return space.slice(1, -1)
    if (space === 'xml') return XML
    const namespace = Object.hasOwn(this.namespaces, space) ? this.namespaces[space] : undefined
    if (namespace === undefined) throw new SyntaxError(`the prefix ${space} is not declared`)
    return namespace
  }
}

function operation (operator: string, left: Expr, right: Expr): Expr {
  switch (operator) {
    case 'or': return { kind: 'or', left, right }
    case 'and': return { kind: 'and', left, right }
    case '+': case '-': case '*': case 'div': case 'mod': return { kind: 'arithmetic', operator: operator satisfies Arithmetic, left, right }
    default: return { kind: 'compare', operator: operator as Comparison, left, right }
  }
}

const arity = (least: number, most: number): string =>
  `${least === most ? least : most === Infinity ? `at least ${least}` : `${least} to ${most}`} argument${least === 1 && most === 1 ? '' : 's'}`

/** Whether a predicate cannot mean a position: it comes to a truth value, or to nodes. */
const isNoNumber = ({ kind }: Expr): boolean => kind === 'compare' || kind === 'or' || kind === 'and' || kind === 'path' || kind === 'union'
