import { NO_BODY, type Message } from '../../../lib/message/message.js'
import { waitAtMost } from '../../timing/deadline.js'
import type { Exchange } from '../server/exchange.js'
import { switchedBy, WebSocketTunnel } from './web-socket-tunnel.js'

/** The WebSockets of one registration. */
export class OpenWebSockets {
  readonly #tunnels = new Set<WebSocketTunnel>()
  readonly #idleTimeout: number
  #isClosing = false

  /** @param idleTimeout in milliseconds */
  constructor (idleTimeout: number) {
    this.#idleTimeout = idleTimeout
  }

  /**
   * Opens the WebSocket that a response grants. Returns the response that is still to be sent; undefined: none. What
   * mediation has made another response of opens none.
   */
  open (exchange: Exchange, response: Message): Message | undefined {
    const upstream = switchedBy(response)
    if (upstream === undefined) return response
    if (response.status !== 101) {
      upstream.discard()
      return { ...response, body: NO_BODY }
    }
    const tunnel = new WebSocketTunnel(exchange, upstream, this.#idleTimeout)
    if (!tunnel.begin(response)) return undefined
    this.#tunnels.add(tunnel)
    void tunnel.over.then(() => this.#tunnels.delete(tunnel))
    if (this.#isClosing) tunnel.close()
    return undefined
  }

  /**
   * Closes all of them (1001), and ends those that are still open after `grace` milliseconds. Those that open later are
   * closed at once.
   */
  async close (grace: number): Promise<void> {
    this.#isClosing = true
    const open = [...this.#tunnels]
    for (const each of open) each.close()
    await waitAtMost(grace, Promise.all(open.map(({ over }) => over)))
    for (const each of this.#tunnels) each.destroy()
  }
}
