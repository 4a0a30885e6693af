import Fastify, { type FastifyBaseLogger, type FastifyInstance, type RouteShorthandOptions } from 'fastify'
import t from 'tap'
import { makeChildrenLazily } from '../../../../lib/cli/serve/lazy-log.js'
import { until } from '../../../support/until.js'

type Line = Record<string, unknown>
/** Members of pino that Fastify's type leaves out. */
type PinoLogger = FastifyBaseLogger & {
  readonly levelVal: number
  bindings(): object
  setBindings(bindings: object): void
  isLevelEnabled(level: string): boolean
  on(event: 'level-change', listener: (level: string) => void): void
}

/** An app that logs into `lines`. */
function appWithLog (isLazy: boolean): { readonly app: FastifyInstance; readonly lines: Line[] } {
  const lines: Line[] = []
  const stream = {
    write (line: string): void {
      lines.push(JSON.parse(line))
    }
  }
  const app = Fastify({ logger: { level: 'info', stream }, disableRequestLogging: true })
  if (isLazy) makeChildrenLazily(app.log)
  return { app, lines }
}

const withoutTime = ({ time, ...line }: Line): Line => line

/** The lines of a request to a route, and what the route returns, with the logger of Fastify and with a lazy one. */
async function withBoth (
  use: (log: PinoLogger, app: FastifyInstance) => unknown,
  options: RouteShorthandOptions = {}
) {
  const results = []
  for (const isLazy of [false, true]) {
    const { app, lines } = appWithLog(isLazy)
    app.get('/', options, async request => ({ result: use(request.log as PinoLogger, app) }))
    const responses = [await app.inject('/'), await app.inject('/')]
    results.push({ lines: lines.map(withoutTime), bodies: responses.map(({ body }) => body) })
    await app.close()
  }
  return { plain: results[0]!, lazy: results[1]! }
}

const USES: readonly (readonly [what: string, use: (log: PinoLogger, app: FastifyInstance) => unknown])[] = [
  [
    'lines of every level, with texts, objects, formats and errors',
    log => {
      log.fatal('fatal')
      log.error({ err: Object.assign(new Error('broken'), { stack: 'stack' }) }, 'error')
      log.warn({ a: 1 }, 'warn %s', 'formatted')
      log.info('info')
      log.debug('debug')
      log.trace('trace')
      log.silent('silent')
    }
  ],
  ['a child, and a child of that', log => log.child({ a: 1 }).child({ b: 2 }, { level: 'error' }).error('line')],
  ['a child with a level below that of the app', log => log.child({}, { level: 'trace' }).trace('line')],
  [
    'bindings that are added',
    log => {
      log.setBindings({ user: 'u' })
      log.info('line')
      return log.bindings()
    }
  ],
  [
    'a level that is set',
    log => {
      log.level = 'debug'
      log.debug('line')
      return [log.level, log.levelVal, log.isLevelEnabled('debug'), log.isLevelEnabled('trace')]
    }
  ],
  ['what the level is', log => [log.level, log.isLevelEnabled('info'), log.isLevelEnabled('debug')]],
  [
    'the level of the app, changed during the request',
    (log, app) => {
      log.info('before')
      app.log.level = 'error'
      log.info('after')
      app.log.level = 'info'
    }
  ],
  [
    'a method without its logger',
    log => {
      const bound = log.info.bind(log)
      bound('line')
    }
  ],
  [
    'a listener of level changes',
    log => {
      const seen: unknown[] = []
      log.on('level-change', level => seen.push(level))
      log.level = 'warn'
      return seen
    }
  ]
]

for (const [what, use] of USES) {
  t.test(`a lazy logger of a request does the same as that of Fastify: ${what}`, async t => {
    const { plain, lazy } = await withBoth(use)
    t.same(lazy, plain)
    for (const line of plain.lines) t.match(line, { reqId: /^req-[12]$/ })
  })
}

t.test('routes with a level and serializers of their own have them', async t => {
  const options = { logLevel: 'warn', logSerializers: { user: (name: string) => `<${name}>` } } as const
  const { plain, lazy } = await withBoth(log => {
    log.info('not written')
    log.warn({ user: 'u' }, 'written')
  }, options)
  t.same(lazy, plain)
  t.match(lazy.lines, [
    { reqId: 'req-1', user: '<u>' },
    { reqId: 'req-2', user: '<u>' }
  ])
})

t.test('lines of requests that overlap have the ids of their requests', async t => {
  const { app, lines } = appWithLog(true)
  const waiting: (() => void)[] = []
  app.get('/', async request => {
    await new Promise<void>(resolve => waiting.push(resolve))
    request.log.info(request.id)
    return ''
  })
  const responses = [app.inject('/'), app.inject('/'), app.inject('/')]
  await until(() => waiting.length === 3)
  for (const resolve of waiting.reverse()) resolve()
  await Promise.all(responses)
  t.same(
    lines.map(({ reqId }) => reqId),
    ['req-3', 'req-2', 'req-1']
  )
  for (const { msg, reqId } of lines) t.equal(msg, reqId)
})

t.test('bindings that may change later, and options, make a child at once', async t => {
  const { app, lines } = appWithLog(true)
  const binding = { user: { name: 'before' } }
  const bound = app.log.child(binding)
  const prefixed = app.log.child({}, { msgPrefix: '[p] ' })
  binding.user.name = 'after'
  bound.info('line')
  prefixed.info('line')
  t.match(lines, [{ user: { name: 'before' } }, { msg: '[p] line' }])
})

t.test('a request that writes no line costs no logger', async t => {
  const { app } = appWithLog(false)
  let children = 0
  const { child } = app.log
  app.log.child = function (this: FastifyBaseLogger, ...given) {
    children++
    return child.apply(this, given)
  }
  makeChildrenLazily(app.log)
  app.get('/quiet', async () => '')
  app.get('/loud', async request => {
    request.log.info('a')
    request.log.info('b')
    return ''
  })
  await app.inject('/quiet')
  t.equal(children, 0)
  await app.inject('/loud')
  t.equal(children, 1)
})
