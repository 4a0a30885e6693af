import { fault, type Fault } from '../../../lib/message/fault.js'

/** The client disconnected before its request was complete. No endpoint failed, and no response can be sent. */
export class ClientDisconnected extends Error {
  readonly code = 'CLIENT_DISCONNECTED'
  constructor () {
    super('The client disconnected before its request was complete')
    this.name = 'ClientDisconnected'
  }
}

export const SILENT_CLIENT = fault('UNREADABLE', 'The client stopped sending in the middle of its request', {
  status: 408
})

export const SLOW_REQUEST = fault('UNREADABLE', 'The request took too long to arrive', { status: 408 })

export const tooLarge = (limit: number): Fault =>
  fault('UNREADABLE', `The request is larger than ${limit} bytes`, { status: 413 })
