import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { liveTrace } from '../../../lib/explain/live-trace.js'
import { describeStep } from '../../../lib/explain/trace-steps.js'
import { runtime } from '../../gateway/configuration/runtime.js'
import { inSlices } from '../../timing/in-slices.js'
import { SerialQueue } from '../../timing/serial-queue.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { HttpError } from '../contract/http-error.js'
import type { ExplanationView } from './explanation-view.js'
import type { ProxyDetails } from './proxy-details.js'

/** Bytes of a question. */
const MAX_QUESTION = 256 * 1024
const MAX_DOWN = 1_000
/** Questions at one time: one is explained, and the others wait. */
const MAX_QUESTIONS = 4

const ExplainBody = Type.Object({
  proxy: Type.String({ minLength: 1, maxLength: 255 }),
  request: Type.Optional(
    Type.String({ description: 'A whole HTTP request, or a body. Default: an empty SOAP message.' })
  ),
  state: Type.Optional(
    Type.Union([Type.Literal('live'), Type.Literal('fresh')], {
      description:
        '`live`: endpoints and sessions as they are now. `fresh`: as if nothing had happened. Default: live'
    })
  ),
  suppose: Type.Optional(
    Type.Object({
      down: Type.Optional(
        Type.Array(Type.String(), { maxItems: MAX_DOWN, description: 'Endpoints that do not respond.' })
      ),
      session: Type.Optional(Type.String({ description: 'The member that the session is bound to.' }))
    })
  )
})

/**
 * What the gateway would do with a request, in the sentences of `proxy-services explain`. Runs on a copy, and changes
 * nothing: it needs no more than the right to look.
 */
export function explainRoutes (app: FastifyInstance, details: ProxyDetails): void {
  const tooMany = (): Error => new HttpError(429, 'other requests are being explained: retry later')
  const explanations = new SerialQueue(MAX_QUESTIONS, tooMany)
  app.post<{ Body: Static<typeof ExplainBody> }>(
    '/explain',
    {
      bodyLimit: MAX_QUESTION,
      config: { onlyReads: true },
      schema: { summary: 'What a proxy would do with a request. Nothing is sent.', body: ExplainBody }
    },
    async ({ body: { proxy, request, state = 'live', suppose = {} } }): Promise<ExplanationView> => {
      const { configuration } = details.dispatcherOf(proxy)
      const { registry } = configuration.lease
      const question = {
        proxy,
        request: request === undefined || request === '' ? undefined : Buffer.from(request),
        state,
        down: namesOf(suppose.down ?? [], registry.endpoints.keys()),
        session: suppose.session === undefined ? undefined : namesOf([suppose.session], registry.endpoints.keys())[0]
      }
      // Compiles a copy of the configuration, which takes seconds for thousands of proxies: in slices, one at a time.
      const explanation = await explanations.run(
        async () => await inSlices(liveTrace(configuration, registry, runtime, question))
      )
      if (explanation === undefined) throw new HttpError(404, `no proxy is called "${proxy}"`)
      return {
        proxy,
        request: redactUrl(explanation.request),
        steps: explanation.steps.map((step, at) => ({
          kind: step.kind,
          text: redactUrl(describeStep(step, explanation.steps.slice(0, at))),
          at: explanation.positions[at] ?? null
        }))
      }
    }
  )
}

/** Names as pages show them, as the registry has them. @throws HttpError for an unknown name */
function namesOf (shown: readonly string[], known: Iterable<string>): string[] {
  if (shown.length === 0) return []
  const byName = new Map<string, string>()
  for (const each of known) for (const key of [each, redactUrl(each)]) if (!byName.has(key)) byName.set(key, each)
  return shown.map(name => {
    const found = byName.get(name)
    if (found === undefined) throw new HttpError(400, `no endpoint is called "${name}"`)
    return found
  })
}
