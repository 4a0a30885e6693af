import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Latency } from './fixed-rate.js'
import { LOAD_CORE } from '../support/processes/processes.js'

/** The message of all measurements: 664 bytes of SOAP with a ClientID, one of 10,000. */
export const SESSIONS = 10_000
export const SIZE = 664
/** What every response of the back-end has in it. */
export const RESPONSE = 'Response from server'
const NAMESPACES = 'xmlns:s="http://www.w3.org/2003/05/soap-envelope"'

export function envelope (id: number, size = SIZE): string {
  const head = `<s:Envelope ${NAMESPACES}><s:Header><syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">client-${String(id).padStart(5, '0')}</syn:ClientID></s:Header><s:Body><Value>`
  const tail = '</Value></s:Body></s:Envelope>'
  return head + 'x'.repeat(Math.max(0, size - head.length - tail.length)) + tail
}

export const HEADERS = {
  'Content-Type': 'application/soap+xml; charset=UTF-8; action="urn:sampleOperation"'
} as const

/** The same in SOAP 1.1 with WS-Addressing, as the documented client sends it: To, MessageID, Action and ClientID. */
export function addressedEnvelope (id: number): string {
  const wsa = 'xmlns:wsa="http://www.w3.org/2005/08/addressing"'
  const uuid = `urn:uuid:0f3b9c1e-8d8e-4a41-9a5e-2f1f2d${String(id).padStart(5, '0')}`
  const clientId = `client-${String(id).padStart(5, '0')}`
  return '<?xml version="1.0" encoding="UTF-8"?>' +
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header ${wsa}>` +
    `<syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">${clientId}</syn:ClientID>` +
    '<wsa:To>http://localhost:8280/services/LBProxy</wsa:To>' +
    `<wsa:MessageID>${uuid}</wsa:MessageID><wsa:Action>urn:sampleOperation</wsa:Action>` +
    `</s:Header><s:Body><Value>${'x'.repeat(200)}</Value></s:Body></s:Envelope>`
}

export const ADDRESSED_HEADERS = { 'Content-Type': 'text/xml; charset=UTF-8', SOAPAction: '"urn:sampleOperation"' } as const

/** Which message a peer gets. */
export type MessageKind = 'plain' | 'addressed'

/** The same as whole requests in bytes, one for each session. */
export function requests (sessions = SESSIONS, size = SIZE): Buffer[] {
  return Array.from({ length: sessions }, (_, id) => {
    const body = envelope(id, size)
    return Buffer.from(
      `POST /services/LBProxy HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${HEADERS['Content-Type']}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    )
  })
}

/** One request; what is measured must really forward. @throws Error with its response, if that is not the back-end's */
export async function sendOne (port: number, message: MessageKind = 'plain'): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/services/LBProxy`, {
    method: 'POST',
    headers: message === 'plain' ? HEADERS : ADDRESSED_HEADERS,
    body: message === 'plain' ? envelope(1) : addressedEnvelope(1)
  })
  const text = await response.text()
  if (response.status !== 200 || !text.includes(RESPONSE)) {
    throw new Error(`responds ${response.status} ${text.slice(0, 200)}`)
  }
}

/** What wrk measured: requests and seconds in all, microseconds of latency, failed connections and responses. */
export interface Run {
  readonly requests: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
  readonly errors: number
}

/** As many requests as there can be, for some seconds. @param core where the load runs. Default: its own */
export async function wrk (
  script: string,
  port: number,
  connections: number,
  seconds: number,
  core = LOAD_CORE
): Promise<Run> {
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    core,
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}/services/LBProxy`
  ])
  const [count = 0, micros = 1, errors = 0, statuses = 0, p50 = 0, p99 = 0] = /RESULT (.*)/
    .exec(stdout)![1]!
    .split(' ')
    .map(Number)
  return { requests: count, seconds: micros / 1e6, p50, p99, errors: errors + statuses }
}

/** Requests at a fixed rate, for some seconds, from the core of the load. */
export async function fixedRate (
  port: number,
  { rate, connections, seconds }: { readonly rate: string, readonly connections: string, readonly seconds: string }
): Promise<Latency> {
  const script = fileURLToPath(new URL('fixed-rate.js', import.meta.url))
  const command = ['-c', LOAD_CORE, process.execPath, script, String(port), rate, connections, seconds]
  const { stdout } = await promisify(execFile)('taskset', command)
  return JSON.parse(stdout) as Latency
}

/**
 * A script for wrk: one request for each session, in turn. Made before the measurement, so that the load costs nothing
 * but the writing.
 */
export function wrkScript (folder: string, message: MessageKind = 'plain'): string {
  const file = join(folder, `load-${message}.lua`)
  const headers = Object.entries(message === 'plain' ? HEADERS : ADDRESSED_HEADERS)
    .map(([name, value]) => `["${name}"] = [[${value}]], `).join('')
  const body = message === 'plain' ? envelope(0) : addressedEnvelope(0)
  writeFileSync(
    file,
    `
local requests = {}
local at = 0
init = function ()
  for id = 0, ${SESSIONS - 1} do
    local body = string.gsub([[${body}]], "00000", string.format("%05d", id))
    requests[id] = wrk.format("POST", "/services/LBProxy", { ${headers}["Cookie"] = string.format("ROUTE=%05d", id), ["X-Session"] = string.format("%05d", id) }, body)
  end
end
request = function ()
  at = (at + 1) % ${SESSIONS}
  return requests[at]
end
done = function (summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout, summary.errors.status, latency:percentile(50), latency:percentile(99), latency.max))
end
`
  )
  return file
}
