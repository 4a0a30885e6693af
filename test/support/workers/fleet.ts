import { Agent, request } from 'node:http'
import type { Test } from 'tap'
import { serve, type Running } from '../processes/serve-process.js'
import { message } from '../gateway.js'

/** A gateway with several workers, in processes of their own. */
export interface Fleet {
  readonly running: Running
  readonly port: number
  readonly url: string
  /** Process ids of the workers that have listened so far, the newest last. */
  readonly pids: () => number[]
  /** Resolves when so many workers have listened since the start. */
  listened(count: number): Promise<void>
  /** What the admin API returns. */
  admin(path: string, body?: object): Promise<any>
  metric(name: string): Promise<number>
}

const LISTENING = /^worker (\d+) listening at/

export async function fleet (t: Test, config: string, workers: number, flags: readonly string[] = []): Promise<Fleet> {
  const running = serve(t, config, ['--workers', String(workers), ...flags], { adminPort: '0' })
  const port = await running.port('Server')
  const adminUrl = `http://127.0.0.1:${await running.port('Admin')}`
  return {
    running,
    port,
    url: `http://127.0.0.1:${port}/services/P`,
    pids: () => running.lines.flatMap(({ msg }) => LISTENING.exec(msg)?.[1] ?? []).map(Number),
    listened: async count => {
      await running.line(LISTENING, count)
    },
    admin: async (path, body) =>
      await (
        await fetch(
          `${adminUrl}${path}`,
          body && {
            method: 'POST',
            body: JSON.stringify(body),
            headers: { 'content-type': 'application/json' }
          }
        )
      ).json(),
    async metric (name) {
      const text = await (await fetch(`${adminUrl}/metrics`)).text()
      const lines = text.split('\n').filter(line => line.startsWith(name))
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    }
  }
}

export interface Reply {
  /** 0: the connection ended before the response was complete. */
  readonly status: number
  /** The back-end that names itself in the response. */
  readonly from: string | undefined
}

/** Sends one message. Without an agent it opens a connection, which another worker may get. Never rejects. */
export const send = (
  port: number,
  session?: string,
  agent: Agent | false = false,
  proxy = 'P'
): Promise<Reply> =>
  new Promise(resolve => {
    const body = message(session)
    const sending = request({
      port,
      host: '127.0.0.1',
      path: `/services/${proxy}`,
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/soap+xml; charset=UTF-8', 'content-length': Buffer.byteLength(body) }
    })
    const fail = (): void => resolve({ status: 0, from: undefined })
    sending.on('error', fail).on('response', response => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          text += chunk
        })
        .on('error', fail)
      response.on('close', () => {
        if (!response.complete) fail()
        else resolve({ status: response.statusCode!, from: /<from>(.*?)<\/from>/.exec(text)?.[1] })
      })
    })
    sending.end(body)
  })
