import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import proxyServices, { admin, type AdminOptions, type ProxyServicesOptions } from '../../../plugins/index.js'

export const NS = 'http://ws.apache.org/ns/synapse'
const TOKEN = 'secret'
export const ENDPOINT = 'endpoints/OrdersLB.xml'

const proxy = `<proxy xmlns="${NS}" name="Orders" transports="http https"><target endpoint="OrdersLB"/></proxy>\n`
export const group = (timeout = '600000', members = ['orders-1']): string => `<!-- Owner: team-orders -->
<endpoint xmlns="${NS}" name="OrdersLB">
  <session type="simpleClientSession"><sessionTimeout>${timeout}</sessionTimeout></session>
  <loadbalance>
${members.map(name => `    <endpoint name="${name}"><address uri="http://127.0.0.1:1/${name}"/></endpoint>`).join('\n')}
  </loadbalance>
</endpoint>
`

export interface Edited {
  readonly app: FastifyInstance
  readonly folder: string
  readonly log: { msg: string }[]
  readonly path: (file: string) => string
  readonly onDisk: (file: string) => Promise<string>
  readonly get: (url: string, token?: string) => Promise<{ status: number; body: any }>
  readonly post: (url: string, payload?: object, token?: string) => Promise<{ status: number; body: any }>
  /** A change of a file as a page would send it. */
  readonly change: (file: string, text: string | null) => Promise<Record<string, object>>
}

/** A gateway over a folder in Synapse's layout, with the admin API of the console. */
export async function edited (t: Test, options: AdminOptions = {}, more: ProxyServicesOptions = {}): Promise<Edited> {
  const folder = await mkdtemp(join(tmpdir(), 'configuration-'))
  const log: { msg: string }[] = []
  const app = Fastify({
    logger: {
      stream: {
        write: line => {
          log.push(JSON.parse(line))
        }
      }
    }
  })
  t.teardown(async () => {
    await app.close()
    await rm(folder, { recursive: true })
  })
  await Promise.all(['endpoints', 'proxy-services'].map(each => mkdir(join(folder, each))))
  await writeFile(join(folder, 'proxy-services/Orders.xml'), proxy)
  await writeFile(join(folder, ENDPOINT), group())
  await app.register(proxyServices, { config: folder, ...more })
  await app.register(admin, { console: true, token: TOKEN, ...options })
  await app.ready()
  const send = async (method: 'GET' | 'POST', url: string, token: string, payload?: object) => {
    const headers = { ...(token !== '' && { authorization: `Bearer ${token}` }) }
    const response = await app.inject({ method, url, headers, ...(payload && { payload }) })
    return { status: response.statusCode, body: response.json() }
  }
  const get: Edited['get'] = async (url, token = TOKEN) => await send('GET', url, token)
  const path = (file: string): string => join(folder, file)
  return {
    app,
    folder,
    log,
    get,
    path,
    onDisk: async file => await readFile(path(file), 'utf8'),
    post: async (url, payload, token = TOKEN) => await send('POST', url, token, payload),
    async change (file, text) {
      const { status, body } = await get(`/configuration/files/${path(file)}`)
      return { [path(file)]: { text, was: status === 200 ? body.hash : null } }
    }
  }
}

export const endpointsOf = ({ app }: Edited): string[] => [...app.endpointRegistry.endpoints.keys()]
