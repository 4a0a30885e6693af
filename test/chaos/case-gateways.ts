import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../support/free-port.js'
import type { CaseMember } from './case-member.js'
import { HEALTH } from './case-member.js'
import { startGateway, type GatewayOptions } from './gateway.js'

export const CASE_PEERS = ['ours', 'haproxy'] as const
export type CasePeer = (typeof CASE_PEERS)[number]

/** The gateway of a case. */
export interface CaseGateway {
  readonly url: string
  /** How often a member was taken out of rotation. Called once. */
  takenOut(): Promise<number>
  /** Lines of its log at level error or above, so far; those of our gateway only. */
  readonly errorLines: readonly string[]
  stop(): Promise<void>
}

/** The response timeout of a member, and its first suspension, in milliseconds. */
export const RESPONSE_TIMEOUT_MS = 500
export const SUSPENSION_MS = 400

export const isInstalled = (peer: CasePeer): boolean => peer === 'ours' || spawnSync(peer, ['-v']).status === 0

/**
 * Our gateway with one group of these members.
 * @param group its `<loadbalance>` or the like, without its members
 * @param responseTimeout of each member, in milliseconds
 */
export async function startOurs (
  folder: string,
  members: readonly CaseMember[],
  group: string,
  responseTimeout: number,
  options: GatewayOptions = {}
): Promise<CaseGateway> {
  const file = join(folder, 'case.xml')
  const addresses = members.map(
    ({ name, origin }) => `
    <endpoint name="${name}"><address uri="${origin}/">
      <timeout><duration>${responseTimeout}</duration><responseAction>fault</responseAction></timeout>
      <suspendOnFailure><initialDuration>${SUSPENSION_MS}</initialDuration></suspendOnFailure>
    </address></endpoint>`
  )
  await writeFile(
    file,
    `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target>
    <endpoint name="G">${group.replace('MEMBERS', addresses.join(''))}</endpoint>
  </target></proxy></definitions>`
  )
  const gateway = await startGateway(file, options)
  return {
    url: `${gateway.url}/services/P`,
    errorLines: gateway.errorLines,
    takenOut: async () => gateway.takeStateChanges().filter(({ to }) => to === 'suspended').length,
    stop: async () => {
      await gateway.stop()
    }
  }
}

/** HAProxy as its manual advises: health checks at the interval of our suspensions, and the same retries. */
export async function startHaproxy (folder: string, members: readonly CaseMember[]): Promise<CaseGateway> {
  const port = await freePort()
  const socketPath = join(folder, 'haproxy.sock')
  const file = join(folder, 'haproxy.cfg')
  await writeFile(
    file,
    `global
  maxconn 2000
  stats socket ${socketPath}
defaults
  mode http
  timeout connect ${RESPONSE_TIMEOUT_MS}ms
  timeout client 30s
  timeout server ${RESPONSE_TIMEOUT_MS}ms
  timeout check ${RESPONSE_TIMEOUT_MS}ms
  retries 2
  option redispatch 1
  retry-on all-retryable-errors
frontend in
  bind 127.0.0.1:${port}
  default_backend members
backend members
  balance roundrobin
  option httpchk GET ${HEALTH}
  ${members.map(({ name, host, port }) => `server ${name} ${host}:${port} check inter ${SUSPENSION_MS}ms fall 2 rise 1`).join('\n  ')}
`
  )
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', kill)
  const ended = once(child, 'exit')
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error('HAProxy does not start')
    await pause(20)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    errorLines: [],
    takenOut: async () => timesDown(await query(socketPath, 'show stat')),
    async stop () {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await ended
    }
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      resolve(true)
      socket.destroy()
    }).on('error', () => resolve(false))
  })

async function query (path: string, command: string): Promise<string> {
  const socket = connect(path)
  let text = ''
  socket.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  socket.end(`${command}\n`)
  await once(socket, 'close')
  return text
}

/** The transitions of servers to DOWN. @see HAProxy management guide, section 9.1: chkdown */
function timesDown (csv: string): number {
  const [head = '', ...rows] = csv.replace(/^# /, '').split('\n')
  const names = head.split(',')
  const [type, down] = [names.indexOf('type'), names.indexOf('chkdown')]
  return rows
    .map(row => row.split(','))
    .filter(row => row[type] === '2')
    .reduce((sum, row) => sum + Number(row[down]), 0)
}
