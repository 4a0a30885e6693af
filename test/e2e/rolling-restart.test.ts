/** Two gateways behind nginx or HAProxy that are restarted one after the other, as a Deployment restarts its pods. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { backend } from '../support/backend.js'
import { freePort } from '../support/free-port.js'
import { until } from '../support/until.js'

const CLI = fileURLToPath(new URL('../../lib/cli.js', import.meta.url))
const KEY = 'a key of at least thirty-two characters'.replaceAll(' ', '-')
const SHUTDOWN_DELAY = 6_000
const CLIENTS = 8

interface Gateway {
  readonly port: number
  readonly admin: number
}
interface ClientResponse {
  readonly status: number
  readonly text: string
  readonly cookie: string | undefined
}

const missing = (name: string): string | false =>
  spawnSync(name, ['-v']).error === undefined ? false : `${name} is not installed`

/** `stopping` is left out, as an ingress leaves out a pod that is deleted. */
const nginx = (port: number, gateways: readonly Gateway[], folder: string, stopping?: Gateway): string => `daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${join(folder, 'body')};
  proxy_temp_path ${join(folder, 'proxy')};
  fastcgi_temp_path ${join(folder, 'fastcgi')};
  uwsgi_temp_path ${join(folder, 'uwsgi')};
  scgi_temp_path ${join(folder, 'scgi')};
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  upstream gateways {
    ${gateways.map(each => `server 127.0.0.1:${each.port} max_fails=0${each === stopping ? ' down' : ''};`).join(' ')}
    keepalive 16;
    # Shorter than the keep-alive time of the gateways: nginx never reuses a connection that they are about to close.
    keepalive_timeout 1s;
  }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://gateways; }
  }
}
`

const haproxy = (port: number, gateways: readonly Gateway[]): string => `global
  maxconn 512
defaults
  mode http
  timeout connect 5s
  # A check that is late on a busy machine is no failure: a gateway that stops reports that.
  timeout check 10s
  timeout client 60s
  timeout server 60s
  option redispatch
  retries 3
  retry-on conn-failure
frontend in
  bind 127.0.0.1:${port}
  default_backend gateways
backend gateways
  balance roundrobin
  option httpchk GET /health/ready
  ${gateways
    .map((each, at) => `server g${at} 127.0.0.1:${each.port} check port ${each.admin} inter 200 fall 1 rise 1`)
    .join('\n  ')}
`

const configuration = (members: readonly { readonly uri: string }[]): string =>
  `<proxy name="P" xmlns="http://ws.apache.org/ns/synapse"><target><endpoint name="servers">
  <session type="cookie" keys="${KEY}"><sessionTimeout>600000</sessionTimeout></session>
  <loadbalance>${members.map(({ uri }) => `<endpoint><address uri="${uri}"/></endpoint>`).join('')}</loadbalance>
</endpoint><outSequence><send/></outSequence></target></proxy>`

/** Whether the port accepts connections. */
async function accepts (port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const accepted = await new Promise<boolean>(resolve => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
  })
  socket.destroy()
  return accepted
}

/** Starts a program that ends with the test, and resolves when it listens. */
async function start (t: Test, command: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: 'ignore' })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    // The workers of nginx outlive a process that is killed.
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  await until(async () => await accepts(port), `${command} listens`)
  return child
}

/** Whether the balancer sends requests to it. */
async function servesRequests ({ admin }: Gateway): Promise<boolean> {
  const { list } = (await (await fetch(`http://127.0.0.1:${admin}/endpoints`)).json()) as {
    list: { responses: number }[]
  }
  return list.some(({ responses }) => responses > 0)
}

/** Sends a request on a connection of its own: nginx ends idle ones when its configuration changes. */
function post (port: number, cookie: string | undefined): Promise<ClientResponse> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/plain', ...(cookie === undefined ? {} : { cookie }) }
    httpRequest({ port, host: '127.0.0.1', path: '/services/P', method: 'POST', agent: false, headers }, response => {
      const chunks: Buffer[] = []
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () =>
          resolve({
            status: response.statusCode!,
            text: Buffer.concat(chunks).toString(),
            cookie: response.headers['set-cookie']?.[0]?.split(';')[0]
          })
        )
    })
      .on('error', reject)
      .end('hello')
  })
}

// Gateways start slowly on a busy machine.
t.setTimeout(600_000)

for (const balancer of ['nginx', 'haproxy'] as const) {
  t.test(
    `a rolling restart of two gateways behind ${balancer} loses no request and moves no session`,
    { skip: missing(balancer) },
    async t => {
      const members = await Promise.all(
        ['one', 'two', 'three'].map(name =>
          backend(t, name, (_, response) => {
            response.end(name)
          })
        )
      )
      const folder = t.testdir({ 'p.xml': configuration(members) })
      const gateways: Gateway[] = []
      for (let at = 0; at < 2; at++) gateways.push({ port: await freePort(), admin: await freePort() })
      const serve = ({ port, admin }: Gateway): Promise<ChildProcess> =>
        start(
          t,
          process.execPath,
          [
            CLI,
            'serve',
            join(folder, 'p.xml'),
            '--host',
            '127.0.0.1',
            '--port',
            String(port),
            '--admin-port',
            String(admin),
            '--shutdown-delay',
            String(SHUTDOWN_DELAY),
            '--log-level',
            'error'
          ],
          port
        )
      const running = await Promise.all(gateways.map(serve))
      const port = await freePort()
      const file = join(folder, 'balancer.conf')
      writeFileSync(file, balancer === 'nginx' ? nginx(port, gateways, folder) : haproxy(port, gateways))
      const balancerProcess = await start(
        t,
        balancer,
        balancer === 'nginx' ? ['-c', file, '-p', folder] : ['-db', '-f', file],
        port
      )

      const leaveOut = (gateway: Gateway | undefined): void => {
        writeFileSync(file, nginx(port, gateways, folder, gateway))
        balancerProcess.kill('SIGHUP')
      }

      const wrong: string[] = []
      let sent = 0
      const stopped = new AbortController()
      const client = async (): Promise<void> => {
        let cookie: string | undefined
        let owner: string | undefined
        while (!stopped.signal.aborted) {
          const response = await post(port, cookie)
          sent++
          if (response.status !== 200) wrong.push(`${response.status} ${response.text}`)
          else if (owner !== undefined && response.text !== owner) wrong.push(`moved from ${owner} to ${response.text}`)
          else owner = response.text
          cookie = response.cookie ?? cookie
          await delay(20)
        }
      }
      const clients = Array.from({ length: CLIENTS }, client)
      for (const [at, gateway] of gateways.entries()) {
        const old = running[at]!
        old.kill('SIGTERM')
        if (balancer === 'nginx') leaveOut(gateway)
        if (old.exitCode === null) await once(old, 'exit')
        await serve(gateway)
        if (balancer === 'nginx') leaveOut(undefined)
        await until(async () => await servesRequests(gateway), 'the new gateway serves requests')
      }
      await until(() => sent > 40 * CLIENTS, 'each client has sent many requests')
      stopped.abort()
      await Promise.all(clients)
      t.same(wrong, [], `of ${sent} requests`)
    }
  )
}
