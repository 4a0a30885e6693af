import type { Config } from '../definitions/model/rewrite.js'

export interface SummaryOptions {
  readonly direction: 'request' | 'response'
  /** Whether values of the configuration are shown; else names only. */
  readonly withValues: boolean
  /** The name of the endpoint of the mediator, if it has one. */
  readonly endpointName: string | undefined
}

/** Characters of a summary. */
const MAX_LENGTH = 160
const HIDDEN = '…'

/** Returns one line of what a mediator does, without its kind. May be empty. */
export function summaryOf (mediator: Config, options: SummaryOptions): string {
  const text = (WORDS[String(mediator['kind'])] ?? otherFields)(mediator, options)
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line
}

type Summarise = (mediator: Config, options: SummaryOptions) => string

/** Kinds whose summary is more than their fields. */
const WORDS: Readonly<Record<string, Summarise>> = {
  header: valued,
  property: valued,
  variable: valued,
  log: ({ level, message, properties }, { withValues }) =>
    message !== undefined ? shown(message, withValues) : `${text(level) || 'simple'}${namesOf(properties)}`,
  send: (_, { direction, endpointName }) =>
    endpointName !== undefined
      ? `to ${endpointName}`
      : direction === 'response'
        ? 'to the client'
        : 'to the address of the message',
  call: (_, { endpointName }) => `${endpointName ?? 'the address of the message'}, and continues with the response`,
  callout: (_, { endpointName }) => `${endpointName ?? 'the address of the message'}, and takes its response over`,
  httpRequest: ({ method, path, endpoint }, { withValues }) => {
    const { key, kind } = endpoint as Config
    return `${text(method)} ${shown(path, withValues)} at ${text(key ?? kind)}, and continues with the response`
  },
  makefault: ({ reason, code }, { withValues }) => shown(reason ?? code, withValues),
  respond: () => 'to the client',
  drop: () => 'ends the message',
  loopback: () => 'to the out sequence',
  sequence: ({ key }) => text(key),
  'call-template': ({ target }) => text(target),
  filter: ({ xpath, source, regex }) =>
    xpath !== undefined ? text(xpath) : `${text(source)} matches ${text(regex)}`,
  switch: ({ source }) => text(source),
  clone: ({ targets }) => `${Array.isArray(targets) ? targets.length : 0} copies`,
  iterate: ({ expression }) => `each ${text(expression)}`,
  foreach: ({ expression }) => `each ${text(expression)}`
}

function valued ({ name, value, expression, xml, action, scope }: Config, { withValues }: SummaryOptions): string {
  const where = scope === undefined || scope === 'default' ? '' : ` (${text(scope)})`
  const called = `${text(name) || 'SOAP Header'}${where}`
  if (action === 'remove') return `remove ${called}`
  return `${called} = ${shown(expression ?? value ?? xml, withValues || expression !== undefined)}`
}

/** Fields that are short: all that is known of a kind of another package. */
function otherFields (mediator: Config, { withValues }: SummaryOptions): string {
  const fields = Object.entries(mediator).filter(
    ([name, value]) => name !== 'kind' && (typeof value !== 'object' || isExpression(value))
  )
  return fields.map(([name, value]) => `${name} ${shown(value, withValues)}`).join(', ')
}

function namesOf (properties: unknown): string {
  if (!Array.isArray(properties) || properties.length === 0) return ''
  return `: ${properties.map(({ name }: { name?: unknown }) => text(name)).join(', ')}`
}

const isExpression = (value: unknown): value is { readonly xpath: string } =>
  typeof value === 'object' && value !== null && 'xpath' in value && typeof value.xpath === 'string'

const shown = (value: unknown, isShown: boolean): string => (isShown ? text(value) : HIDDEN)

/** A literal, an expression, a qualified name, or an object that holds one of these. */
function text (value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return String(value)
  if (isExpression(value)) return value.xpath
  const { prefix, name, value: inner, expression } = value as Config
  if (typeof name === 'string') return prefix === undefined || prefix === '' ? name : `${text(prefix)}:${name}`
  return text(inner ?? expression)
}
