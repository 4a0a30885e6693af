import type { Worker } from 'node:cluster'

/** One end of the channel that Node opens between a process and its child. */
export interface IpcPort {
  /** Calls back once the message has left, or with the reason why it cannot. */
  send(message: unknown, sent: (error: Error | null) => void): void
  onMessage(listener: (message: unknown) => void): void
  onClose(listener: () => void): void
}

/** The end of a worker. Undefined where no process has forked this one. */
export function portToPrimary (): IpcPort | undefined {
  if (process.send === undefined) return undefined
  return {
    send: (message, sent) => {
      if (process.connected) process.send!(message, undefined, undefined, sent)
      else sent(new Error('the channel is closed'))
    },
    onMessage: listener => {
      process.on('message', listener)
    },
    onClose: listener => {
      process.once('disconnect', listener)
    }
  }
}

/** The end of the primary. */
export const portToWorker = (worker: Worker): IpcPort => ({
  send: (message, sent) => {
    if (worker.isConnected()) worker.send(message as object, undefined, undefined, sent)
    else sent(new Error('the channel is closed'))
  },
  onMessage: listener => {
    worker.on('message', listener)
  },
  onClose: listener => {
    worker.once('disconnect', listener)
    worker.once('exit', listener)
  }
})
