import { request } from 'node:https'
import type { Socket } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { message } from '../gateway.js'

/** What came of a request over TLS. */
export interface Sent {
  /** 0: there was no response. */
  readonly status: number
  readonly body: string
  /** What went wrong, where there was no response. */
  readonly error: string | undefined
  /** The subject of the certificate of the server. */
  readonly server: string | undefined
  readonly protocol: string | null
}

/** Sends one message over a connection of its own. Never rejects. */
export const sendOverTls = (
  port: number,
  path: string,
  options: ConnectionOptions & { readonly headers?: Record<string, string> } = {}
): Promise<Sent> =>
  new Promise(resolve => {
    const { headers, ...tls } = options
    const sending = request({
      ...tls,
      port,
      host: '127.0.0.1',
      path,
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/soap+xml', ...headers }
    })
    let socket: Socket | undefined
    sending.on('socket', opened => {
      socket = opened
    })
    const seen = (): Pick<Sent, 'server' | 'protocol'> => ({
      server: (socket as TLSSocket | undefined)?.getPeerX509Certificate()?.subject,
      protocol: (socket as TLSSocket | undefined)?.getProtocol() ?? null
    })
    sending.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ status: 0, body: '', error: error.message, server: undefined, protocol: null })
    })
    sending.on('response', response => {
      const found = seen()
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      response.on('close', () => resolve({ status: response.statusCode!, body, error: undefined, ...found }))
    })
    sending.end(message('s1'))
  })
