import type { BuildContext } from '../../contracts/build-context.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import { mediationError } from '../../message/fault.js'
import { textOfProperty, type Message } from '../../message/message.js'
import { javaRegex, javaReplacement } from '../values/java-regex.js'
import { fragmentsOf, type FragmentName, type UriFragments } from '../values/uri-fragments.js'
import { textReader } from '../values/value.js'

export const ACTIONS = ['set', 'append', 'prepend', 'replace', 'remove', 'remove-query-param'] as const

interface ActionConfig {
  readonly type?: (typeof ACTIONS)[number]
  readonly fragment?: FragmentName | 'full'
  readonly value?: string
  readonly expression?: ExpressionConfig
  readonly regex?: string
  readonly resolve?: boolean
}

/** What becomes of a part, with the value of the action. Undefined: the part is removed. */
type FragmentChange = (current: string, value: string | undefined) => string | undefined

/**
 * Compiles an action. An unknown value is an empty text.
 * @returns a function of the parts of an address that throws MediationError for a port that is not a number
 * @throws Error for an invalid expression
 * @see Synapse, RewriteAction
 */
export function compileAction (
  { type = 'set', fragment = 'full', value: literal, expression, regex = '', resolve = false }: ActionConfig,
  context: Pick<BuildContext, 'expression'>
): (fragments: UriFragments, message: Message) => UriFragments {
  const valueOf = textReader({ value: expression === undefined ? literal : undefined, expression }, context)
  if (fragment === 'full') return (_, message) => fragmentsOf(valueOf(message) ?? '')
  if (fragment === 'port') return (fragments, message) => withPart(fragments, 'port', portIn(valueOf(message)))
  const change = changeOf(type, regex, fragment === 'query' ? '&' : '')
  return (fragments, message) => {
    const changed = change(fragments[fragment] ?? '', valueOf(message))
    return withPart(fragments, fragment, changed !== undefined && resolve ? resolved(changed, message) : changed)
  }
}

function changeOf (type: (typeof ACTIONS)[number], regex: string, separator: string): FragmentChange {
  const between = (text: string): string => text === '' ? '' : separator
  switch (type) {
    case 'set': return (_, value) => value
    case 'remove': return () => undefined
    case 'append': return (current, value) => value === undefined ? '' : current + between(current) + value
    case 'prepend': return (current, value) => value === undefined ? '' : value + between(current) + current
    case 'replace': {
      const pattern = javaRegex(regex, 'g')
      return (current, value) => value === undefined ? '' : current.replace(pattern, javaReplacement(value))
    }
    case 'remove-query-param': return (current, value) => withoutParameter(current, `${value ?? ''}=`)
  }
}

/** Removes the first parameter that contains `name=`. */
function withoutParameter (query: string, start: string): string {
  const parameters = query.split('&')
  const at = parameters.findIndex(each => each.includes(start))
  return parameters.filter((_, index) => index !== at).join('&')
}

function portIn (text: string | undefined): string | undefined {
  if (text === undefined || text === '-1') return undefined
  if (/^\d{1,5}$/.test(text)) return text
  throw mediationError(`"${text.slice(0, 100)}" is not a port`)
}

function withPart (fragments: UriFragments, name: FragmentName, value: string | undefined): UriFragments {
  const { [name]: _, ...others } = fragments
  return value === undefined ? others : { ...others, [name]: value }
}

/** Replaces `{name}` by the property of that name. Without one, the part is empty. */
function resolved (text: string, { properties }: Message): string {
  const names = Array.from(text.matchAll(/\{([^{}]*)\}/g), ([, name = '']) => name)
  const valueOf = (name: string): string => textOfProperty(properties, name) ?? ''
  return names.some(name => valueOf(name) === '')
    ? ''
    : text.replace(/\{([^{}]*)\}/g, (_, name: string) => valueOf(name))
}
