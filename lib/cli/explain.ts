import { readFile } from 'node:fs/promises'
import { readDocuments } from '../../plugins/wsdl/endpoints.js'
import { compile } from '../compiler/compile.js'
import { load, definitionsOrThrow } from '../definitions/load.js'
import { fault } from '../message/fault.js'
import type { Forward } from '../contracts/flow.js'
import { headerOf, withoutHeaders } from '../message/headers.js'
import { NO_BODY, type Message } from '../message/message.js'
import { transportAction } from '../endpoints/upstream-request.js'
import { interpretAtOnce, type ImmediateHandlers } from '../pipeline/interpret.js'
import { serveRequest, type ProxyService } from '../pipeline/service.js'
import { resolveMembersOnce } from './resolve-members.js'
import { UsageError } from './usage.js'
import { runtime } from '../../plugins/gateway/runtime.js'

/**
 * `explain`: drives the flow of one request as if every endpoint that it asks failed, and tells the story. Dynamic groups have the members
 * that are found at this moment. `main` is what messages go to that no proxy takes.
 */
export async function explain (path: string, proxy: string | undefined, requestFile: string | undefined, dnsServers?: readonly string[]): Promise<number> {
  const loaded = await load(path)
  const documents = await readDocuments(loaded, runtime.environment)
  const look = resolveMembersOnce(loaded.baseDir, dnsServers)
  const program = compile(definitionsOrThrow(loaded), { ...runtime, watchMembers: look.watch }, { documents, locations: loaded.locations })
  for (const line of await look.found()) console.log(line)
  const all = new Map([...program.main === undefined ? [] : [['main', program.main] as const], ...program.services])
  const names = proxy === undefined ? [...all.keys()] : [proxy]
  const source = requestFile === undefined ? undefined : await readFile(requestFile)
  for (const name of names) {
    const service = all.get(name)
    if (service === undefined) throw new UsageError(`no proxy is called "${name}": there are ${[...all.keys()].join(', ') || 'none'}`)
    const request = requestOf(service, name, source)
    console.log(`${name}  ${request.method} /services/${name}${request.path}${request.query}`)
    console.log(`  looks at ${service.reads.request} of the request, ${service.reads.response} of the answer`)
    for (const line of trace(service, request)) console.log(`  ${line}`)
  }
  return 0
}

/** What happens, line by line, when every endpoint fails. Bounded: a flow tries each of its endpoints at most once. */
export function trace (service: ProxyService, request: Message): string[] {
  const lines: string[] = []
  const sessions = new Map<unknown, number>()
  let attempts = 0
  const handlers: ImmediateHandlers = {
    forward (effect) {
      lines.push(describeForward(effect, attempts++))
      return { kind: 'failed', retry: 'any', fault: fault('CONNECTION_FAILED', 'supposed: the connection is refused') }
    },
    lookupSession: ({ group }) => sessions.get(group),
    bindSession ({ group, member }) {
      sessions.set(group, member)
      return member
    },
    log: ({ level, text }) => { lines.push(`logs (${level}) ${text}`) },
    detach: () => { lines.push('lets go of its client: what follows goes on without it') },
    race ({ flows }) {
      lines.push(`asks ${flows.length} recipients side by side`)
      return flows.map(each => interpretAtOnce(each, handlers)).find(each => each !== undefined)
    }
  }
  const answer = interpretAtOnce(serveRequest(service, request, runtime.uuid), handlers)
  lines.push(`${attempts === 0 ? 'answers' : 'if that fails as well, answers'} ${describeResponse(answer)}`)
  return lines
}

const describeForward = ({ origin, path, message: { method, addressing: { action } } }: Forward, before: number): string =>
  `${before === 0 ? 'asks' : 'if that fails, asks'} ${method} ${origin}${path}${action === undefined ? '' : ` (Action ${action})`}`

const describeResponse = ({ status, headers, body }: Message): string =>
  `${status} ${headerOf(headers, 'content-type') ?? '(no body)'}${body.kind === 'bytes' ? `\n    ${body.bytes.toString()}` : ''}`

const SAMPLE = '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body/></soapenv:Envelope>'

/** A file with a whole HTTP request, or with a body alone; or an empty SOAP 1.1 message. */
function requestOf ({ reads: needs }: ProxyService, name: string, file: Buffer | undefined): Message {
  const text = (file ?? Buffer.from(SAMPLE)).toString('latin1')
  const [, method = 'POST', target = `/services/${name}`, head = '', body = text] = /^([A-Z]+) (\S+) HTTP\/1\.\d\r?\n([^]*?\r?\n)?\r?\n([^]*)$/.exec(text) ?? []
  const given = head.split(/\r?\n/).filter(Boolean).flatMap(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
  const headers = withoutHeaders(given.length > 0 ? given : ['Content-Type', text.includes('http://www.w3.org/2003/05/soap-envelope') ? 'application/soap+xml; charset=UTF-8' : 'text/xml; charset=UTF-8'], 'host', 'content-length')
  const url = new URL(target, 'http://localhost')
  return {
    direction: 'request',
    method,
    path: url.pathname.replace(/^.*?\/services\/[^/]+/, ''),
    query: url.search,
    headers,
    addressing: { to: target, action: transportAction(headers) },
    properties: {},
    axis2: {},
    read: needs.request !== 'nothing',
    body: body === '' ? NO_BODY : { kind: 'bytes', bytes: Buffer.from(body, 'latin1') }
  }
}
