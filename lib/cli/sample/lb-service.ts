import { setTimeout as delay } from 'node:timers/promises'
import { is, trimmedText, withText, type Element } from './envelope.js'
import type { ServiceResult, OperationRequest, Service } from './service.js'

/** Limits of the sleep of one request, in milliseconds, and of the rounds of its busy loop. */
const MAX_SLEEP_MS = 60_000
const MAX_ROUNDS = 10_000_000

/**
 * LBService1: each response is the element of the request with the name of the server as its text, so that it shows
 * which member the balancer has chosen. With `echoTo` the name is the address of the request.
 * @see Axis2 sample server: `test_mode`
 */
export function createLbService (
  { name, echoTo = false }: { name?: string | undefined, echoTo?: boolean | undefined }
): Service {
  const signature = ({ to }: OperationRequest): string => {
    const server = echoTo ? to : name
    return server === undefined ? 'Response from anonymous server' : `Response from server: ${server}`
  }
  /** Does the work that the element `load` of the request describes, and replaces its text. */
  const loaded = (work: (load: number, signal: AbortSignal) => void | Promise<void>) =>
    async (request: OperationRequest): Promise<ServiceResult> => {
      const load = request.content?.children.find(each => is(each, '', 'load'))
      const amount = Number(trimmedText(load) || Number.NaN)
      if (load === undefined || !(amount >= 0)) {
        return { fault: 'expected an element load, in no namespace, with a number of at least 0', by: 'client' }
      }
      await work(amount, request.signal)
      return reply(request, load, signature(request))
    }
  return {
    name: 'LBService1',
    operations: {
      sampleOperation: request => reply(request, request.content, signature(request)),
      setClientName: request => reply(request, request.content, 'Sessions are not supported in this service.'),
      sleepOperation: loaded(async (
        milliseconds, signal
      ) => { await delay(Math.min(milliseconds, MAX_SLEEP_MS), undefined, { signal }) }),
      loadOperation: loaded(rounds => { for (let round = Math.min(rounds, MAX_ROUNDS); round > 0; round--); })
    }
  }
}

function reply ({ bytes, content }: OperationRequest, replaced: Element | undefined, text: string): ServiceResult {
  if (content === undefined || replaced === undefined) return { fault: 'the Body is empty', by: 'client' }
  return { content: withText(bytes, content, replaced, text) }
}
