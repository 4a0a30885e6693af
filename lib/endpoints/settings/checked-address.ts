import type { BuildContext } from '../../contracts/build-context.js'
import { namesSocket, originOf, socketPathOf } from '../../message/origin.js'

const NO_SOCKET = 'unix+http://'
const NO_PATH = 'send to a service that passes messages on'

/** What to do instead of sending to an address of another protocol. */
const ALTERNATIVES: Readonly<Record<string, string>> = {
  local: 'write the address that the proxy has over http',
  jms: 'send to a service that puts messages into a queue',
  vfs: 'send to a service that writes files',
  file: 'send to a service that writes files',
  mailto: 'send to a service that sends mail',
  hl7: 'send to a service that speaks HL7 to its receivers'
}

/** The user and password of an address, between its scheme and its host. */
const CREDENTIALS = /^((?:unix\+)?https?:\/\/)[^/?#\\]*@/i

/**
 * Returns the address of an endpoint, or its template, without a user and a password. Those are never sent, and belong
 * into no log; a warning reports it.
 * @param isComputed whether messages make a part of it
 * @throws Error for another protocol than http and https, and for a unix socket that is computed or has no path
 */
export function checkedAddress (uri: string, context: Pick<BuildContext, 'warn'>, isComputed: boolean): string {
  const protocol = /^([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d)/.exec(uri)?.[1]?.toLowerCase()
  if (namesSocket(uri)) checkSocket(uri, isComputed)
  else if (protocol !== undefined && protocol !== 'http' && protocol !== 'https') {
    const advice = ALTERNATIVES[protocol] ?? NO_PATH
    throw new Error(`addresses that begin with ${protocol}: are not supported, only http and https: ${advice}`)
  }
  const bare = withoutCredentials(uri)
  if (bare !== uri) {
    context.warn(
      'the user and password in the address are not sent, as in the real engines',
      'set the header Authorization: <property name="Authorization" scope="transport" ' +
        "expression=\"fn:concat('Basic ', base64Encode('USER:PASSWORD'))\"/>",
      'unsupported-feature'
    )
  }
  return bare
}

/** Messages choose no sockets of this machine: some of them give power over it. */
function checkSocket (uri: string, isComputed: boolean): void {
  if (isComputed) {
    throw new Error('a unix socket is never computed: write it without placeholders, as the uri of an <address>')
  }
  socketPathOf(URL.canParse(uri) ? originOf(new URL(uri)) : NO_SOCKET)
}

export const withoutCredentials = (uri: string): string => uri.replace(CREDENTIALS, '$1')
