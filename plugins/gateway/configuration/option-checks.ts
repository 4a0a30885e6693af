import { didYouMean } from '../../../lib/definitions/model/closest-name.js'
import { InvalidOption, type OptionProblem } from '../../errors.js'
import { isDispatcher } from '../../http/upstream/upstream-dispatcher.js'
import { LIMITS } from '../../http/message/limits.js'
import type { ProxyServicesOptions } from './options.js'
import type { ApiRouteOptions, ProxyRouteOptions } from './proxy-options.js'

/** Yields the problems of the value of one option. */
type Check = (value: unknown, path: string) => Iterable<OptionProblem>

const expects = (what: string, accepts: (value: unknown) => boolean): Check =>
  function * (value, path) {
    if (!accepts(value)) yield { path, message: `the option "${path}" expects ${what}, not ${shown(value)}` }
  }

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isFunction = (value: unknown): boolean => typeof value === 'function'
const isText = (value: unknown): value is string => typeof value === 'string'
const isList =
  (accepts: (value: unknown) => boolean) =>
    (value: unknown): boolean =>
      Array.isArray(value) && value.every(accepts)
const isHttpAddress = (value: unknown): boolean => isText(value) && /^https?:\/\/./.test(value) && URL.canParse(value)
const isFileUrl = (value: unknown): boolean => value instanceof URL && value.protocol === 'file:'

const anything: Check = () => []
const text = expects('a text', isText)
const flag = expects('true or false', value => typeof value === 'boolean')
const object = expects('an object', isObject)
const whole = expects('a whole number from 0 on', value => Number.isInteger(value) && Number(value) >= 0)
const number = expects('a number from 0 on', value => Number.isFinite(value) && Number(value) >= 0)
const place = expects('a path, or a file: URL', value => isFileUrl(value) || (isText(value) && value !== ''))
const hooks = expects('a hook, or a list of hooks', value => isFunction(value) || isList(isFunction)(value))
const oneOf = (...values: readonly string[]): Check =>
  expects(values.map(each => `"${each}"`).join(' or '), value => isText(value) && values.includes(value))

/** An object with these members and no others. */
const members = (checks: Readonly<Record<string, Check>>): Check =>
  function * (value, path) {
    if (!isObject(value)) return yield * object(value, path)
    for (const [name, each] of Object.entries(value)) {
      const inner = path === '' ? name : `${path}.${name}`
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined
      if (check === undefined) {
        const hint = didYouMean(name, Object.keys(checks)) ?? `known: ${Object.keys(checks).join(', ')}`
        yield { path: inner, message: `unknown option "${inner}"`, hint }
      } else if (each !== undefined) yield * check(each, inner)
    }
  }

const limits = members(
  Object.fromEntries(
    Object.entries(LIMITS).map(([name, standard]): [string, Check] => [
      name,
      standard === null
        ? expects('a whole number from 0 on, or null', value => value === null || Number.isInteger(value))
        : whole
    ])
  )
)

const callable = expects('a function', isFunction)

const isKind = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['name']) &&
  isObject(value['fields']) &&
  isFunction(value['read']) &&
  isFunction(value['build'])
const kinds = expects('a list of kinds with name, fields, read and build', isList(isKind))

const API_OPTIONS: Readonly<Record<keyof ApiRouteOptions, Check>> = {
  onRequest: hooks,
  preHandler: hooks,
  bodyLimit: whole,
  schema: object,
  config: object,
  constraints: object,
  logLevel: text,
  handlerTimeout: whole,
  rewriteRequestHeaders: callable,
  rewriteHeaders: callable,
  onAttempt: callable,
  onResponse: callable,
  onError: callable
}
const PROXY_OPTIONS: Readonly<Record<keyof ProxyRouteOptions, Check>> = {
  ...API_OPTIONS,
  path: expects('a path that begins with a slash', value => isText(value) && value.startsWith('/')),
  methods: expects(
    'a list of HTTP methods',
    isList(value => isText(value) && /^[A-Z]+$/.test(value))
  )
}
const apiOptions = members(API_OPTIONS)
const proxyOptions = members(PROXY_OPTIONS)

/** Options by name, or a function. */
const byName = (own: Check): Check =>
  function * (value, path) {
    if (isFunction(value)) return
    if (!isObject(value)) return yield * expects('an object, or a function', () => false)(value, path)
    for (const [name, each] of Object.entries(value)) yield * own(each, `${path}.${name}`)
  }

const forwardedParts = members({
  xForwarded: flag,
  forwarded: flag,
  via: flag,
  requestId: flag,
  clientCertificate: flag
})
const forwarded: Check = (value, path) => (typeof value === 'boolean' ? [] : forwardedParts(value, path))
const accessLogOptions = members({
  format: oneOf('json', 'combined'),
  sample: expects('a number from 0 to 1', value => Number(value) >= 0 && Number(value) <= 1)
})
const accessLog: Check = (value, path) => (isObject(value) ? accessLogOptions(value, path) : flag(value, path))

const OPTIONS: Readonly<Record<keyof ProxyServicesOptions | 'logLevel' | 'logSerializers', Check>> = {
  config: place,
  definitions: expects(
    'definitions, a text or a function',
    value => isObject(value) || isText(value) || isFunction(value)
  ),
  baseDir: place,
  prefix: text,
  publicUrl: expects('an http or https address', isHttpAddress),
  mainSequence: oneOf('services', 'all'),
  failSafe: flag,
  accessLog,
  tracing: flag,
  proxies: byName(proxyOptions),
  apis: byName(apiOptions),
  bodyLimit: whole,
  forwarded,
  limits,
  upstreamClient: expects(
    '"own", "undici" or a dispatcher of undici',
    value => value === 'own' || value === 'undici' || isDispatcher(value)
  ),
  endpointDefaults: members({
    suspendDuration: whole,
    progressionFactor: number,
    timeout: whole,
    maxRequests: expects('a whole number from 1 on', value => Number.isInteger(value) && Number(value) >= 1),
    maxQueued: whole,
    queueTimeout: whole,
    tls: members({ ca: text, cert: text, key: text })
  }),
  dnsServers: expects('a list of addresses', isList(isText)),
  stateFile: place,
  sessionStore: expects(
    'redisSessions(…), or an object with lookup and bind',
    value => isObject(value) && isFunction(value['lookup']) && isFunction(value['bind'])
  ),
  extensions: members({ mediators: kinds, endpoints: kinds, algorithms: kinds, sessions: kinds }),
  logLevel: anything,
  logSerializers: anything
}

/** @throws InvalidOption with all options that are unknown or have a wrong type */
export function checkOptions (options: object): void {
  throwIfAny([...members(OPTIONS)(options, ''), ...conflicts(options)])
}

/** @throws InvalidOption naming the proxy */
export function checkProxyOptions (options: unknown, proxy: string): void {
  throwIfAny([...proxyOptions(options, `proxies(${proxy})`)])
}

/** @throws InvalidOption naming the API */
export function checkApiOptions (options: unknown, api: string): void {
  throwIfAny([...apiOptions(options, `apis(${api})`)])
}

function * conflicts ({ config, definitions }: ProxyServicesOptions): Iterable<OptionProblem> {
  if (config === undefined || definitions === undefined) return
  const message = 'the options "config" and "definitions" exclude each other'
  yield { path: 'definitions', message, hint: 'leave one of them out' }
}

function throwIfAny (problems: readonly OptionProblem[]): void {
  if (problems.length > 0) throw new InvalidOption(problems)
}

/** A value, without the content of objects. */
function shown (value: unknown): string {
  if (isText(value)) return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (Array.isArray(value)) return 'a list'
  if (isFunction(value)) return 'a function'
  return isObject(value) ? 'an object' : String(value)
}
