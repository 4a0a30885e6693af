import type { Ports } from './peers.js'

/** The codes are none of any failure: whatever a row does to an endpoint, the next row meets it as it was. */
const NEVER_SUSPENDED =
  '<markForSuspension><errorCodes>999998</errorCodes></markForSuspension>' +
  '<suspendOnFailure><errorCodes>999999</errorCodes></suspendOnFailure>'

const proxy = (name: string, inside: string, fault = ''): string =>
  `<proxy name="${name}"><target><inSequence>${inside}</inSequence><outSequence><send/></outSequence>${fault}</target></proxy>`

const read = (name: string, scope = ''): string => `<property name="${name}"${scope} expression="//value"/>`

const definitions = (proxies: readonly string[]): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse">\n  ${proxies.join('\n  ')}\n</definitions>\n`

const address = (uri: string, more = ''): string =>
  `<endpoint><address uri="${uri}"${more}>${NEVER_SUSPENDED}</address></endpoint>`

const send = (endpoint: string): string => `<send>${endpoint}</send>`

const group = ({ members }: Ports, session: string): string =>
  send(
    `<endpoint>${session}<loadbalance>${members.map(port => address(`http://127.0.0.1:${port}/s`)).join('')}</loadbalance></endpoint>`
  )

const CLIENT_ID = '<session type="simpleClientSession"><sessionTimeout>3600000</sessionTimeout></session>'

/** What rows on the wire and other clients need: an endpoint that never is suspended, and a group with sessions. */
const forwarding = (ports: Ports, fault?: string): readonly string[] => [
  proxy('Plain', send(address(`http://127.0.0.1:${ports.plain}/s`)), fault),
  proxy('Other', send(address(`http://127.0.0.1:${ports.members[0]}/s`)), fault),
  proxy('Secure', send(address(`https://localhost:${ports.tls}/s`, ' verify="false"')), fault),
  proxy('Sessions', group(ports, CLIENT_ID), fault)
]

/** Without a fault sequence the engine gives a client no response when its endpoint fails. */
const RESPONDS =
  '<faultSequence><makefault version="soap11" response="true">' +
  '<code value="soap:Server" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"/>' +
  '<reason value="the endpoint failed"/></makefault><property name="NO_ENTITY_BODY" scope="axis2" action="remove"/>' +
  '<property name="HTTP_SC" value="502" scope="axis2"/><header name="To" action="remove"/><send/></faultSequence>'

/** What Apache Synapse runs. */
export const synapseConfiguration = (ports: Ports): string => definitions(forwarding(ports, RESPONDS))

/** What the gateway runs: what forwards, and mediators that take values from messages. */
export function configuration (ports: Ports): string {
  const base = `http://127.0.0.1:${ports.plain}/s`
  const plain = send(address(base))
  return definitions([
    ...forwarding(ports),
    proxy('Envelopes', group(ports, CLIENT_ID)),
    proxy(
      'HeaderSessions',
      group(ports, '<session type="header" name="X-Session"><sessionTimeout>3600000</sessionTimeout></session>')
    ),
    proxy('Logs', `<log level="custom">${read('value')}</log>${plain}`),
    proxy('LogsAll', `<log level="full"/>${plain}`),
    proxy('SetsHeader', `${read('X-Value', ' scope="transport"')}${plain}`),
    proxy('Responds', `${read('X-Value', ' scope="transport"')}<respond/>`),
    proxy('SetsAction', `<header name="Action" expression="//value"/>${plain}`),
    proxy('SetsReason', `${read('HTTP_SC_DESC', ' scope="axis2"')}<respond/>`),
    proxy('SetsStatus', `${read('HTTP_SC', ' scope="axis2"')}<respond/>`),
    proxy('SetsType', `${read('messageType', ' scope="axis2"')}${read('ContentType', ' scope="axis2"')}${plain}`),
    proxy('SetsMethod', `${read('HTTP_METHOD', ' scope="axis2"')}${plain}`),
    proxy('SetsSuffix', `${read('REST_URL_POSTFIX', ' scope="axis2"')}${plain}`),
    proxy(
      'SetsTo',
      `<header name="To" expression="//value"/>${send(`<endpoint><default>${NEVER_SUSPENDED}</default></endpoint>`)}`
    ),
    proxy('Template', template(`${base}/{uri.var.x}`)),
    proxy('TemplateQuery', template(`${base}/q?x={uri.var.x}`)),
    proxy(
      'Faults',
      '<makefault version="soap11"><code value="soap:Server" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"/><reason expression="//value"/></makefault><respond/>'
    )
  ])
}

const template = (uri: string): string =>
  read('uri.var.x') + send(`<endpoint><http uri-template="${uri}">${NEVER_SUSPENDED}</http></endpoint>`)
