import { Type, type Static } from '@sinclair/typebox'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Endpoint } from '../../contracts/endpoint.js'
import { endpoint } from '../../contracts/kind.js'
import { isParameter, type ParameterReference, type Reader } from '../../contracts/xml-form.js'
import { omitUndefined } from '../../contracts/fields.js'
import { urlHost, hostPort } from '../../contracts/discovery.js'
import type { Message } from '../../message/message.js'
import type { TcpHealthCheck } from '../../state/endpoint-state.js'
import type { TlsMaterial } from '../../state/tls-material.js'
import type { Element } from '../../xml/element.js'
import { endpointSettings, type EndpointSettings } from '../settings/endpoint-settings.js'
import { requirementsOfEndpoint } from '../settings/endpoint-policies.js'
import { readSettings, writeSettings } from '../settings/endpoint-settings-xml.js'
import { PLACEHOLDER_PATTERN, resolvePlaceholder } from '../settings/placeholders.js'
import { createNetworkEndpoint, type EndpointTarget } from './network-endpoint.js'

const Port = Type.Integer({ minimum: 1, maximum: 65535 })
/** The ports of a host. */
export const ports = { httpPort: Type.Optional(Port), httpsPort: Type.Optional(Port) }
/** A name, an address, or a reference such as `$SYSTEM:NAME`: nothing beyond the host of a URL. */
const IPV6 = '[0-9a-fA-F]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*'
const HOST_NAME = `^(?:[^\\s\\x00-\\x1f\\x7f/\\\\?#@:\\[\\]<>"]+|${IPV6}|\\[${IPV6}\\]|${PLACEHOLDER_PATTERN})$`
/** A port, or a reference such as `$SYSTEM:PORT`. */
const PortOrReference = Type.Union([Port, Type.String({ pattern: `^(?:${PLACEHOLDER_PATTERN})$` })])
const Host = Type.Object({
  hostName: Type.String({ minLength: 1, pattern: HOST_NAME }),
  httpPort: Type.Optional(PortOrReference),
  httpsPort: Type.Optional(PortOrReference)
})

/** About 140,000 years: a member is suspended until its TCP check succeeds, not for a time. */
const SUSPENDED_UNTIL_CONNECTABLE = 2 ** 52

/** `httpPort="9001" httpsPort="9443"` */
export const readPorts = (
  element: Element,
  reader: Reader
): { httpPort?: number | ParameterReference; httpsPort?: number | ParameterReference } =>
  omitUndefined({
    httpPort: memberPort(element, 'httpPort', reader),
    httpsPort: memberPort(element, 'httpsPort', reader)
  })

function memberPort (element: Element, attribute: string, reader: Reader): number | ParameterReference | undefined {
  const text = element.attribute(attribute)?.trim()
  if (text === undefined || text === '') return undefined
  if (isParameter(text)) return text
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65536) return Number(text)
  reader.problem(element, `${attribute} expects a port, not "${text}"`)
  return undefined
}

/** A host of a group: messages keep their path and query. @see Apache Synapse, LoadbalanceEndpoint, static members */
export const member = endpoint({
  name: 'member',
  description:
    "A host of a group: called with the scheme, path and query of the client's request; suspended from its first " +
    'failure until it listens again.',
  fields: { ...Host.properties, ...endpointSettings },
  read (element, reader) {
    const kindElement = element.name === 'member' ? element : element.child('member')!
    const hostName = kindElement.attribute('hostName')?.trim() ?? ''
    const ports = readPorts(kindElement, reader)
    if (hostName === '') reader.problem(kindElement, '<member> needs a hostName')
    if (ports.httpPort === undefined && ports.httpsPort === undefined) {
      reader.problem(kindElement, '<member> needs an httpPort, an httpsPort or both')
    }
    return { hostName, ...ports, ...readSettings(kindElement, reader) }
  },
  write: ({ hostName, httpPort, httpsPort, ...config }) => [
    {},
    writeSettings('member', { hostName, httpPort, httpsPort }, config)
  ],
  reads: requirementsOfEndpoint,
  build: (config, context) => createMember(config, context)
})

type MemberConfig = Static<typeof Host> & EndpointSettings

/** @param tls the certificates of several members. Default: those that the member names */
export function createMember (config: MemberConfig, context: BuildContext, tls?: TlsMaterial): Endpoint {
  const [httpPort, httpsPort] = [portFor(config.httpPort, context), portFor(config.httpsPort, context)]
  const hostName = resolvePlaceholder(config.hostName, context)
  const name = context.generatedName(hostPort({ hostName, httpPort, httpsPort }))
  const settings = {
    ...config,
    name,
    suspendOnFailure: { initialDuration: SUSPENDED_UNTIL_CONNECTABLE, ...config.suspendOnFailure }
  }
  const tcpCheck: TcpHealthCheck = { host: hostName, ports: [httpPort, httpsPort].filter(port => port !== undefined) }
  return createNetworkEndpoint(settings, context, memberTarget(urlHost(hostName), { httpPort, httpsPort }), {
    suffix: false,
    healthCheck: tcpCheck,
    tls
  })
}

/** The port that is meant. @throws Error if a reference stands for no port */
function portFor (port: Static<typeof PortOrReference> | undefined, context: BuildContext): number | undefined {
  if (typeof port !== 'string') return port
  const text = resolvePlaceholder(port, context)
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65536) return Number(text)
  throw new Error(`${port} expects a port, not "${text.slice(0, 20)}"`)
}

interface MemberPorts {
  readonly httpPort: number | undefined
  readonly httpsPort: number | undefined
}

/** A member with one port receives all messages there, by the scheme of that port. */
const memberTarget = (authority: string, { httpPort, httpsPort }: MemberPorts): EndpointTarget => {
  const [plain, secure] = [`http://${authority}:${httpPort ?? ''}`, `https://${authority}:${httpsPort ?? ''}`]
  return {
    origin: httpPort === undefined ? secure : plain,
    addressFor: (message: Message) =>
      (httpPort === undefined || (httpsPort !== undefined && message.secure === true) ? secure : plain) +
      targetOf(message)
  }
}

/** Path and query of To: those of the request, unless a mediator has set To. */
function targetOf ({ addressing: { to = '/' } }: Message): string {
  if (to.startsWith('/')) return to
  if (!URL.canParse(to)) return `/${to}`
  const { pathname, search } = new URL(to)
  return pathname + search
}
