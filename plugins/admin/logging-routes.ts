import { Type, type Static } from '@sinclair/typebox'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { LOG_LEVELS } from '../logging/log-levels.js'
import { By, logHandChange } from './contract/hand-change.js'
import { ErrorView } from './contract/schemas.js'

const LoggingView = Type.Object(
  {
    level: Type.Union(
      LOG_LEVELS.map(level => Type.Literal(level)),
      { description: 'The least level that is logged.' }
    )
  },
  { $id: 'Logging' }
)
const LoggingBody = Type.Object({ level: LoggingView.properties.level, by: By })

/**
 * Reads and changes the level of a log until the process ends. Requests and deliveries that run keep the level with
 * which they began.
 * @param onChange is called with each new level
 * @see WSO2 Micro Integrator, management API, resource `/logging`
 */
export function loggingRoutes (
  app: FastifyInstance, log: FastifyBaseLogger, onChange: (level: string) => void
): void {
  const response = { 200: LoggingView, '4xx': ErrorView }
  app.get('/logging', { schema: { summary: 'The level of the log.', response } }, async () => ({ level: log.level }))
  app.patch<{ Body: Static<typeof LoggingBody> }>(
    '/logging',
    { schema: { summary: 'Changes the level of the log.', body: LoggingBody, response } },
    async ({ body: { level, by }, ip: remote }) => {
      const before = log.level
      const audit = (): void => {
        logHandChange(log, `the log level is ${level}`, { before, after: level, remote, by }, 'warn')
      }
      // In the log before or after, whichever level lets it through.
      if (before === 'silent' || before === 'fatal' || before === 'error') {
        log.level = level
        audit()
      } else {
        audit()
        log.level = level
      }
      onChange(level)
      return { level: log.level }
    }
  )
}
