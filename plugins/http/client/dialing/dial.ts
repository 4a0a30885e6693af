import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { PoolSettings } from '../client-options.js'
import { connectFailure, failure, tlsFailure, type Failure } from '../client-error.js'
import { Countdown, Deadline } from '../../../timing/shared-timer.js'
import type { NameResolver } from '../names/name-resolver.js'
import { type ResolvedAddress, addressOf } from '../names/system-names.js'
import type { ConnectionTarget } from './target.js'

export interface DialEvents {
  onConnected (socket: Socket): void
  onFailed (failure: Failure): void
}

/** Addresses that are tried at most, in one dial. */
const MAX_ADDRESSES = 16
/** TCP sees by itself that an idle peer is gone. */
const PROBE_DELAY = 60_000

/**
 * Makes one connection: finds the addresses, tries them in turn, and agrees on TLS with the first that accepts.
 *
 *     resolving ─▶ connecting ─▶ (tls) ─▶ connected | failed
 *
 * @see RFC 8305, section 5
 */
export class Dial extends Deadline {
  phase: 'resolving' | 'connecting' | 'tls' = 'resolving'
  /** The address, or the path, that accepted or was tried last. */
  address: string | undefined
  /** How long each phase took, in milliseconds. */
  resolveTime = 0
  connectTime = 0
  tlsTime = 0
  readonly #target: ConnectionTarget
  readonly #settings: PoolSettings
  readonly #onread: OnReadOpts
  readonly #events: DialEvents
  readonly #sockets: Socket[] = []
  #addresses: readonly ResolvedAddress[] = []
  #next = 0
  #failure: Failure | undefined
  #delay: Countdown | undefined
  #cancelLookup: (() => void) | undefined
  #since = performance.now()
  #isOver = false

  constructor (target: ConnectionTarget, settings: PoolSettings, onread: OnReadOpts, events: DialEvents) {
    super()
    this.#target = target
    this.#settings = settings
    this.#onread = onread
    this.#events = events
  }

  begin (resolver: NameResolver): void {
    const { socketPath, host } = this.#target
    if (socketPath !== undefined) return this.#connectAll([])
    const literal = addressOf(host)
    if (literal !== undefined) return this.#connectAll([literal])
    this.#cancelLookup = resolver.resolve(host, (failed, addresses) => {
      this.#cancelLookup = undefined
      this.resolveTime = this.#phaseTime()
      if (failed !== undefined) this.#fail(failed)
      else this.#connectAll(addresses)
    })
  }

  /** Gives up, without any event. */
  cancel (): void {
    if (this.#isOver) return
    this.#end(undefined)
    this.#cancelLookup?.()
  }

  override onDeadline (): void {
    this.#fail(this.phase === 'tls'
      ? failure('tlsTimeout', 'TLS_TIMEOUT', 'The TLS handshake was not complete in time')
      : failure('connectTimeout', 'CONNECT_TIMEOUT', 'The connection was not accepted in time'))
  }

  #connectAll (addresses: readonly ResolvedAddress[]): void {
    this.phase = 'connecting'
    this.#addresses = addresses.slice(0, MAX_ADDRESSES)
    this.start(this.#settings.connectTimeout)
    this.#connectNext()
  }

  #connectNext (): void {
    const address = this.#addresses[this.#next++]
    const where = address?.address ?? this.#target.socketPath!
    this.address = where
    let socket: Socket
    try {
      socket = this.#open(address)
    } catch (error) {
      // Certificates that cannot be read, or an address that Node does not take.
      return this.#fail(this.#target.secure === undefined ? connectFailure(error as Error) : tlsFailure(error as Error))
    }
    this.#sockets.push(socket)
    socket.on('connect', () => this.#accepted(socket, where))
    socket.on('error', error => this.#onSocketError(socket, error))
    socket.on('close', () => this.#onSocketError(socket, new Error('The endpoint closed the connection')))
    if (this.#next >= this.#addresses.length) return
    this.#delay ??= new Countdown(() => this.#connectNext())
    this.#delay.start(this.#settings.attemptDelay)
  }

  #open (address: ResolvedAddress | undefined): Socket {
    const { port, socketPath, secure } = this.#target
    const options = {
      ...address === undefined ? { path: socketPath! } : { host: address.address, family: address.family, port },
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_DELAY,
      onread: this.#onread
    }
    // Node must not end its side first: whether the endpoint has reset the connection is seen by writing.
    if (secure === undefined) return connectTcp({ ...options, allowHalfOpen: true })
    const { servername, verify, session } = secure
    const socket = connectTls({
      ...options,
      servername,
      rejectUnauthorized: verify,
      secureContext: secure.context(),
      ALPNProtocols: ['http/1.1'],
      ...session === undefined ? {} : { session }
    })
    socket.on('secureConnect', () => this.#onSecured(socket))
    socket.on('session', ticket => { secure.session = ticket })
    return socket
  }

  #accepted (socket: Socket, where: string): void {
    if (this.#isOver || this.phase !== 'connecting') return
    this.#delay?.stop()
    this.address = where
    this.connectTime = this.#phaseTime()
    for (const other of this.#sockets.splice(0)) if (other !== socket) discard(other)
    this.#sockets.push(socket)
    if (this.#target.secure === undefined) return this.#end(socket)
    this.phase = 'tls'
    this.start(this.#settings.tlsTimeout)
  }

  #onSecured (socket: Socket): void {
    if (this.#isOver) return
    this.tlsTime = this.#phaseTime()
    this.#end(socket)
  }

  #onSocketError (socket: Socket, error: Error): void {
    if (this.#isOver || !this.#sockets.includes(socket)) return
    if (this.phase === 'tls') {
      const { secure } = this.#target
      secure!.session = undefined
      return this.#fail(tlsFailure(error))
    }
    this.#sockets.splice(this.#sockets.indexOf(socket), 1)
    const failed = connectFailure(error)
    // A shortage of this machine outweighs the error of an address; otherwise the first address decides.
    if (this.#failure === undefined || failed.kind === 'exhausted') this.#failure = failed
    if (this.#next < this.#addresses.length) this.#connectNext()
    else if (this.#sockets.length === 0) this.#fail(this.#failure)
  }

  #fail (failed: Failure): void {
    if (this.#isOver) return
    this.#end(undefined)
    this.#events.onFailed(failed)
  }

  /** @param winner the socket that is handed on; all others are closed */
  #end (winner: Socket | undefined): void {
    this.#isOver = true
    this.stop()
    this.#delay?.stop()
    for (const socket of this.#sockets) if (socket !== winner) discard(socket)
    this.#sockets.length = 0
    if (winner !== undefined) this.#events.onConnected(winner)
  }

  #phaseTime (): number {
    const now = performance.now()
    const time = now - this.#since
    this.#since = now
    return time
  }
}

/** The errors of a socket that is not needed any more are ignored. */
function discard (socket: Socket): void {
  socket.on('error', nothing)
  socket.destroy()
}

const nothing = (): void => {}
