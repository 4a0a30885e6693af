import createError from '@fastify/error'

/**
 * The errors of the plugin, with those of `ConfigurationError`: all have `code`, `statusCode` and `cause`;
 * `docs/fastify.md` lists exactly these.
 */
export const NoConfiguration = createError(
  'PROXY_SERVICES_NO_CONFIGURATION',
  'the plugin needs the option "config" (a path) or "definitions" (the model, or a text)',
  500,
  TypeError
)
const UnreadableConfigurationError = createError(
  'PROXY_SERVICES_UNREADABLE_CONFIGURATION',
  'the configuration %s cannot be read: %s',
  500
)
export const InvalidSessionStore = createError(
  'PROXY_SERVICES_INVALID_SESSION_STORE',
  'the session store cannot be created: %s',
  500,
  TypeError
)
export const NoRedisClient = createError(
  'PROXY_SERVICES_NO_REDIS_CLIENT',
  'sessions in Redis need the package ioredis: npm install ioredis@6',
  500
)
/** The message names the file or the option. */
export const InvalidTls = createError('PROXY_SERVICES_INVALID_TLS', '%s', 500)
export const AdminWithoutPlugin = createError(
  'PROXY_SERVICES_ADMIN_WITHOUT_PLUGIN',
  'the admin API needs the plugin: register it in the same app before, or pass the option "registry"',
  500
)
export const ViewTokenAlone = createError(
  'PROXY_SERVICES_VIEW_TOKEN_ALONE',
  'the option "viewToken" needs the option "token", with another value',
  500,
  TypeError
)
export const AppCloses = createError(
  'PROXY_SERVICES_APP_CLOSES',
  'the app closes: its configuration is not loaded again',
  503
)
export const InvalidTarget = createError(
  'PROXY_SERVICES_INVALID_TARGET',
  'the request target leaves the address of the proxy',
  400
)
export const BodyTooLarge = createError('PROXY_SERVICES_BODY_TOO_LARGE', 'the request is larger than %s bytes', 413)
export const RequestFailed = createError('PROXY_SERVICES_REQUEST_FAILED', '%s', 500)
export const UnknownProxy = createError('PROXY_SERVICES_UNKNOWN_PROXY', 'no proxy is called "%s"', 500)
export const UnreadableBody = createError(
  'PROXY_SERVICES_UNREADABLE_BODY',
  'the body of the request was parsed to %s, which cannot be forwarded: leave it as text, Buffer, stream or JSON',
  500,
  TypeError
)

/** One option that is wrong. */
export interface OptionProblem {
  /** Such as `limits.connectTimeout`. */
  readonly path: string
  readonly message: string
  /** What to do instead. */
  readonly hint?: string | undefined
}

const InvalidOptionError = createError('PROXY_SERVICES_INVALID_OPTION', '%s', 500, TypeError)

/** Options of the plugin that are unknown, or have a wrong type: all of them at once. */
export class InvalidOption extends InvalidOptionError {
  readonly problems: readonly OptionProblem[]
  constructor (problems: readonly OptionProblem[]) {
    super(problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`)).join('\n'))
    this.problems = problems
  }
}

/** The path of a configuration leads to nothing that can be read. */
export const UnreadableConfiguration = (path: string, cause: NodeJS.ErrnoException): Error => {
  const reason = cause.code === 'ENOENT' ? 'there is no such file or folder' : cause.message.split(',', 1)[0]!
  return new UnreadableConfigurationError(path, reason, { cause })
}
