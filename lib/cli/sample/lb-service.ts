import { setTimeout as delay } from 'node:timers/promises'
import { is, textOf, withText, type Element } from './envelope.js'
import type { Answer, Request, Service } from './service.js'

/** The sleep of one request, in milliseconds, and the rounds of its busy loop: a stranger must not stop the server. */
const LONGEST_SLEEP = 60_000
const LONGEST_LOOP = 10_000_000

/**
 * LBService1: every answer is the element that was sent, its text replaced by who answered. So one sees whom a balancer has chosen.
 * With `echoTo` the server names itself by the address that the message was sent to (Axis2 sample server: `test_mode`).
 */
export function createLbService ({ name, echoTo = false }: { name?: string | undefined, echoTo?: boolean | undefined }): Service {
  const signature = ({ to }: Request): string => {
    const who = echoTo ? to : name
    return who === undefined ? 'Response from anonymous server' : `Response from server: ${who}`
  }
  /** After as much work as the `load` in the content says, which is then replaced by the answer. */
  const loaded = (work: (load: number, signal: AbortSignal) => void | Promise<void>) => async (request: Request): Promise<Answer> => {
    const load = request.content?.children.find(each => is(each, '', 'load'))
    const amount = Number(textOf(load) || Number.NaN)
    if (load === undefined || !(amount >= 0)) return { fault: 'the content needs an element load, in no namespace, with a number that is not negative', by: 'client' }
    await work(amount, request.signal)
    return reply(request, load, signature(request))
  }
  return {
    name: 'LBService1',
    operations: {
      sampleOperation: request => reply(request, request.content, signature(request)),
      setClientName: request => reply(request, request.content, 'Sessions are not supported in this service.'),
      sleepOperation: loaded(async (milliseconds, signal) => { await delay(Math.min(milliseconds, LONGEST_SLEEP), undefined, { signal }) }),
      loadOperation: loaded(rounds => { for (let round = Math.min(rounds, LONGEST_LOOP); round > 0; round--); })
    }
  }
}

function reply ({ bytes, content }: Request, replaced: Element | undefined, text: string): Answer {
  if (content === undefined || replaced === undefined) return { fault: 'the Body is empty', by: 'client' }
  return { content: withText(bytes, content, replaced, text) }
}
