import type { Ports } from './peers.js'

/** The codes are none of any failure: whatever a row does to an endpoint, the next row meets it as it was. */
const NEVER_SUSPENDED =
  '<markForSuspension><errorCodes>999998</errorCodes></markForSuspension>' +
  '<suspendOnFailure><errorCodes>999999</errorCodes></suspendOnFailure>'

const proxy = (name: string, inside: string): string =>
  `<proxy name="${name}"><target><inSequence>${inside}</inSequence><outSequence><send/></outSequence></target></proxy>`

const read = (name: string, scope = ''): string => `<property name="${name}"${scope} expression="//value"/>`

/**
 * What the gateway runs: an endpoint that never is suspended, a group with sessions, and mediators that take values
 * from messages.
 */
export function configuration ({ plain, tls, members }: Ports): string {
  const base = `http://127.0.0.1:${plain}/s`
  const one = `<endpoint><address uri="${base}">${NEVER_SUSPENDED}</address></endpoint>`
  const send = `<send>${one}</send>`
  const group = (session: string): string =>
    `<send><endpoint>${session}<loadbalance>${members
      .map(port => `<endpoint><address uri="http://127.0.0.1:${port}/s">${NEVER_SUSPENDED}</address></endpoint>`)
      .join('')}</loadbalance></endpoint></send>`
  const timeout = '<sessionTimeout>3600000</sessionTimeout>'
  return `<definitions xmlns="http://ws.apache.org/ns/synapse">
  ${proxy('Plain', send)}
  ${proxy('Other', `<send><endpoint><address uri="http://127.0.0.1:${members[0]}/s">${NEVER_SUSPENDED}</address></endpoint></send>`)}
  ${proxy('Secure', `<send><endpoint><address uri="https://localhost:${tls}/s" verify="false">${NEVER_SUSPENDED}</address></endpoint></send>`)}
  ${proxy('Sessions', group(`<session type="simpleClientSession">${timeout}</session>`))}
  ${proxy('Envelopes', group(`<session type="simpleClientSession">${timeout}</session>`))}
  ${proxy('HeaderSessions', group(`<session type="header" name="X-Session">${timeout}</session>`))}
  ${proxy('Logs', `<log level="custom">${read('value')}</log>${send}`)}
  ${proxy('LogsAll', `<log level="full"/>${send}`)}
  ${proxy('SetsHeader', `${read('X-Value', ' scope="transport"')}${send}`)}
  ${proxy('Responds', `${read('X-Value', ' scope="transport"')}<respond/>`)}
  ${proxy('SetsAction', `<header name="Action" expression="//value"/>${send}`)}
  ${proxy('SetsReason', `${read('HTTP_SC_DESC', ' scope="axis2"')}<respond/>`)}
  ${proxy('SetsStatus', `${read('HTTP_SC', ' scope="axis2"')}<respond/>`)}
  ${proxy('SetsType', `${read('messageType', ' scope="axis2"')}${read('ContentType', ' scope="axis2"')}${send}`)}
  ${proxy('SetsMethod', `${read('HTTP_METHOD', ' scope="axis2"')}${send}`)}
  ${proxy('SetsSuffix', `${read('REST_URL_POSTFIX', ' scope="axis2"')}${send}`)}
  ${proxy('SetsTo', `<header name="To" expression="//value"/><send><endpoint><default>${NEVER_SUSPENDED}</default></endpoint></send>`)}
  ${proxy('Template', `${read('uri.var.x')}<send><endpoint><http uri-template="${base}/{uri.var.x}">${NEVER_SUSPENDED}</http></endpoint></send>`)}
  ${proxy('TemplateQuery', `${read('uri.var.x')}<send><endpoint><http uri-template="${base}/q?x={uri.var.x}">${NEVER_SUSPENDED}</http></endpoint></send>`)}
  ${proxy('Faults', '<makefault version="soap11"><code value="soap:Server" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"/><reason expression="//value"/></makefault><respond/>')}
</definitions>
`
}
