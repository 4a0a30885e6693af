import type { Test } from 'tap'
import { Running, type Line } from '../processes/serve-process.js'
import { runCommand, type Ran } from '../processes/command.js'
import { samplesOf } from './metrics.js'
import { until } from '../until.js'

const TOKEN = 'token-of-the-operator'
const ADMIN_VARIABLES = { PROXY_SERVICES_ADMIN_TOKEN: TOKEN }

/** A gateway in a process of its own, and what its operator does: commands, the admin API, metrics, the log. */
export class Operator {
  readonly gateway: Running
  readonly port: number
  readonly httpsPort: number
  readonly #admin: string
  /** Lines of the log that `noted` has passed. */
  #read = 0

  private constructor (gateway: Running, ports: { port: number; httpsPort: number; adminPort: number }) {
    this.gateway = gateway
    this.port = ports.port
    this.httpsPort = ports.httpsPort
    this.#admin = `http://127.0.0.1:${ports.adminPort}`
  }

  /** Starts `serve` with these words, with http, https and a protected admin API at free ports of loopback. */
  static async start (t: Test, words: readonly string[]): Promise<Operator> {
    const ports = ['--host', '127.0.0.1', '--port', '0', '--https-port', '0', '--admin-port', '0']
    const gateway = new Running(t, ['serve', ...words, ...ports], ADMIN_VARIABLES)
    const adminPort = await gateway.port('Admin')
    return new Operator(gateway, {
      port: await gateway.port('Server'),
      httpsPort: await gateway.port('https'),
      adminPort
    })
  }

  /** Runs a command at this gateway. */
  async run (words: readonly string[], input?: string): Promise<Ran> {
    return await runCommand([...words, '--admin', this.#admin], {
      environment: ADMIN_VARIABLES,
      ...(input !== undefined && { input })
    })
  }

  /** Sends a request to the admin API. */
  async call (path: string, method = 'GET', body?: object): Promise<{ status: number; body: any }> {
    const response = await fetch(`${this.#admin}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) })
    })
    return { status: response.status, body: await response.json() }
  }

  /** Returns the value of a sample: its name and labels as Prometheus reads them. */
  async metric (sample: string): Promise<number | undefined> {
    const response = await fetch(`${this.#admin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
    return samplesOf(await response.text()).get(sample)
  }

  /** Resolves with the next line of the log whose message matches; the lines up to it count as read. */
  async noted (pattern: RegExp): Promise<Line> {
    let found = -1
    const check = (): boolean => {
      found = this.gateway.lines.findIndex(({ msg }, at) => at >= this.#read && pattern.test(msg))
      return found >= 0
    }
    await until(check, `a line of the log that matches ${String(pattern)}`)
    this.#read = found + 1
    return this.gateway.lines[found]!
  }
}
