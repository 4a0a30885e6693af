/**
 * The schemes of unix sockets. The host of such an address is the path of the socket, percent-encoded:
 * `unix+http://%2Frun%2Fapp.sock/orders`.
 * @see @fastify/reply-from, README, `base`
 */
const SOCKET = /^unix\+(?=https?:)/i

/** The host that TLS at a unix socket verifies, unless `servername` names another. */
export const SOCKET_HOST = 'localhost'

const EXAMPLE = 'unix+http://%2Frun%2Fapp.sock/path'

/** Bytes that the path of a unix socket may have. @see Linux, unix(7), sun_path */
const MAX_SOCKET_PATH = 107

/** Whether an address, or an origin, names a unix socket. */
export const namesSocket = (address: string): boolean => SOCKET.test(address)

/** The origin of an address: scheme, host and port; of a unix socket the scheme and its encoded path. */
export const originOf = ({ origin, protocol, host }: URL): string =>
  origin === 'null' ? `${protocol}//${host}` : origin

/** An origin as messages contain it: that of a unix socket without `unix+`. */
export const httpOriginOf = (origin: string): string => origin.replace(SOCKET, '')

/**
 * The path of the unix socket that an origin names; undefined: it names a host.
 * @throws Error where the host is no absolute path, or one that is longer than 107 bytes
 */
export function socketPathOf (origin: string): string | undefined {
  if (!namesSocket(origin)) return undefined
  const path = decoded(new URL(origin).host)
  if (path === undefined || !path.startsWith('/') || path.includes('\0')) {
    throw new Error(`a unix socket is named by its absolute path, percent-encoded: ${EXAMPLE}`)
  }
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new Error(`the path of a unix socket has at most ${MAX_SOCKET_PATH} bytes: ${path}`)
  }
  return path
}

function decoded (text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
