import { compileJsonPath } from '../json/json-path.js'
import type { JsonDocument, JsonValue } from '../json/json-value.js'
import { isJson } from '../json/json-message.js'
import { deepestOf, type Message, type ReadDepth } from '../message/message.js'
import type { LiteralCall } from '../xpath/calls.js'
import { configuredValue, type Environment } from './evaluation.js'
import { INLINE_FUNCTIONS } from './inline-functions.js'
import { fail, InlineError, OPERATIONS, parsedNumber, type InlineValue } from './inline-value.js'
import { documentOf, found, numeric, unquoted, valueOf } from './inline-source.js'
import { InlineTokens } from './inline-tokens.js'
import { headerValue, payloadOf } from './json-eval.js'
import { compileXPath } from './xpath-expression.js'

type Evaluate = (message: Message) => InlineValue

/** A parsed expression, how much of a message it reads, and the XPath functions that it calls. */
export interface ParsedInline { readonly evaluate: Evaluate, readonly depth: ReadDepth, readonly calls: LiteralCall[] }

const MAX_LENGTH = 4096
const MAX_DEPTH = 64

/** By ascending precedence, as in the grammar of the engine: comparisons bind looser than `and` and `or`. */
const OPERATORS: readonly (readonly string[])[] = [
  ['==', '!=', '<=', '>=', '<', '>'], ['and', 'or'], ['+', '-'], ['*', '/', '%']
]
const ALIASES: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', AND: 'and', OR: 'or' }

/** @throws SyntaxError with a reason in one line */
export function parseInline (
  source: string, namespaces: Readonly<Record<string, string>>, environment: Environment
): ParsedInline {
  if (source.length > MAX_LENGTH) throw new SyntaxError(`it is longer than ${MAX_LENGTH} characters`)
  const parser = new InlineParser(source, namespaces, environment)
  const evaluate = parser.whole()
  return { evaluate, depth: deepestOf(parser.depths), calls: parser.calls }
}

const constant = (value: JsonValue): Evaluate => () => value

class InlineParser {
  readonly depths: ReadDepth[] = ['nothing']
  readonly calls: LiteralCall[] = []
  readonly #tokens: InlineTokens
  readonly #namespaces: Readonly<Record<string, string>>
  readonly #environment: Environment
  #nesting = 0

  constructor (source: string, namespaces: Readonly<Record<string, string>>, environment: Environment) {
    this.#tokens = new InlineTokens(source)
    this.#namespaces = namespaces
    this.#environment = environment
  }

  whole (): Evaluate {
    const evaluate = this.#expression()
    return this.#tokens.peek() === '' ? evaluate : this.#tokens.unexpected()
  }

  #expression (): Evaluate {
    if (++this.#nesting > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH}`)
    const condition = this.#operation(0)
    this.#nesting--
    if (!this.#tokens.accept('?')) return condition
    const whenTrue = this.#expression()
    this.#tokens.expect(':')
    const whenFalse = this.#expression()
    return message => {
      const value = condition(message)
      return typeof value === 'boolean' ? (value ? whenTrue : whenFalse)(message) : fail('a condition is not a boolean')
    }
  }

  #operation (level: number): Evaluate {
    if (level === OPERATORS.length) return this.#factor()
    let left = this.#operation(level + 1)
    for (;;) {
      const token = this.#tokens.peek()
      const operator = Object.hasOwn(ALIASES, token) ? ALIASES[token]! : token
      if (!OPERATORS[level]!.includes(operator)) return left
      this.#tokens.next()
      const first = left
      // `and` and `or` associate to the right.
      const second = this.#operation(operator === 'and' || operator === 'or' ? level : level + 1)
      const operation = OPERATIONS[operator]!
      left = message => operation(first(message), second(message))
    }
  }

  #factor (): Evaluate {
    const [whole, number, text, name, sign] = this.#tokens.match()
    if (whole.trim() === '' || (sign !== undefined && !'-(['.includes(sign))) return this.#tokens.unexpected()
    this.#tokens.next()
    if (number !== undefined) return constant(parsedNumber(number))
    if (text !== undefined) return constant(unquoted(text))
    if (name !== undefined) return this.#named(name)
    switch (sign) {
      case '-': {
        const operand = this.#factor()
        return message => OPERATIONS['-']!(0, operand(message))
      }
      case '(': {
        const inner = this.#expression()
        this.#tokens.expect(')')
        return inner
      }
      default: return this.#array()
    }
  }

  #array (): Evaluate {
    const items = this.#list(']')
    return message => items.map(each => each(message) ?? null)
  }

  #list (end: string): Evaluate[] {
    const items: Evaluate[] = []
    if (this.#tokens.accept(end)) return items
    do items.push(this.#expression())
    while (this.#tokens.accept(','))
    this.#tokens.expect(end)
    return items
  }

  #named (name: string): Evaluate {
    switch (name) {
      case 'true': return constant(true)
      case 'false': return constant(false)
      case 'null': return constant(null)
      case '$':
      case 'payload': return this.#payload()
      case 'vars':
      case 'var': return this.#variable()
      case 'headers': {
        const header = this.#tokens.propertyName()
        return message => found(headerValue(message, header))
      }
      case 'configs': {
        const key = this.#tokens.propertyName()
        return () => found(configuredValue(key, this.#environment))
      }
      case 'params': return this.#parameter(this.#tokens.propertyName())
      case 'props':
      case 'properties': return this.#property(this.#tokens.propertyName())
      default: return this.#call(name)
    }
  }

  #parameter (kind: string): Evaluate {
    const name = this.#tokens.propertyName()
    switch (kind) {
      case 'functionParams': return message => numeric(valueOf(message.parameters, name))
      case 'pathParams': return message => numeric(valueOf(message.properties, `uri.var.${name}`))
      case 'queryParams': return message => numeric(valueOf(message.properties, `query.param.${name}`))
      default: throw new SyntaxError(`unknown parameters params.${kind}: queryParams, pathParams or functionParams`)
    }
  }

  #property (scope: string): Evaluate {
    const name = this.#tokens.propertyName()
    if (scope !== 'synapse' && scope !== 'axis2') {
      throw new SyntaxError(`unknown scope properties.${scope}: synapse or axis2`)
    }
    const key = name.replaceAll("'", '')
    const call = scope === 'axis2' ? `get-property('axis2', '${key}')` : `get-property('${key}')`
    const xpath = compileXPath(call, {}, this.#environment)
    return message => found(xpath.text(message))
  }

  #payload (): Evaluate {
    this.depths.push('body')
    const path = this.#tokens.path()
    if (path === undefined) {
      const xpath = compileXPath('$body', {}, this.#environment)
      return message => isJson(message) ? payloadOf(message)?.value : xpath.text(message)
    }
    return this.#select(path, payloadOf)
  }

  #variable (): Evaluate {
    const name = this.#tokens.propertyName()
    const path = this.#tokens.path()
    const read: Evaluate = message => valueOf(message.variables, name)
    if (path === undefined) return read
    return this.#select(path, message => {
      const value = read(message)
      return value === undefined ? undefined : documentOf(value)
    })
  }

  #select (path: string, source: (message: Message) => JsonDocument | undefined): Evaluate {
    const jsonPath = compileJsonPath(`$${path}`)
    return message => {
      const document = source(message)
      const value = document === undefined ? undefined : jsonPath.select(document)
      return value === undefined ? fail('nothing is at this path') : value
    }
  }

  #call (name: string): Evaluate {
    if (!this.#tokens.accept('(')) return this.#tokens.unexpected()
    if (name === 'xpath') return this.#xpath()
    if (name === 'exists') return this.#exists()
    const call = Object.hasOwn(INLINE_FUNCTIONS, name) ? INLINE_FUNCTIONS[name] : undefined
    if (call === undefined) throw new SyntaxError(`the function ${name}() is not supported in \${…}`)
    const args = this.#list(')')
    const path = this.#tokens.path()
    const environment = this.#environment
    const evaluate: Evaluate = message => call(args.map(each => each(message)), environment)
    return path === undefined ? evaluate : this.#select(path, message => documentOf(evaluate(message) ?? null))
  }

  #xpath (): Evaluate {
    const [, , text] = this.#tokens.match()
    if (text === undefined) throw new SyntaxError('xpath() needs a text: xpath("//name")')
    this.#tokens.next()
    this.#tokens.expect(')')
    const xpath = compileXPath(unquoted(text), this.#namespaces, this.#environment)
    this.depths.push(xpath.depth)
    this.calls.push(...xpath.calls)
    return message => xpath.text(message)
  }

  #exists (): Evaluate {
    const inner = this.#expression()
    this.#tokens.expect(')')
    return message => {
      try {
        const value = inner(message)
        return value !== undefined && value !== null
      } catch (error) {
        if (error instanceof InlineError) return false
        throw error
      }
    }
  }
}
