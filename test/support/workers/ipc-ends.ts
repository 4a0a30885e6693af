import type { IpcPort } from '../../../plugins/ipc/ipc-port.js'

/**
 * Two ends of a channel within this process. Messages travel as JSON, as between processes.
 * @param onSend receives what the worker sends
 */
export function ipcEnds (onSend: (text: string) => void = () => {}): [primary: IpcPort, worker: IpcPort] {
  const listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []]
  const end = (other: 0 | 1): IpcPort => ({
    send (message, sent) {
      const text = JSON.stringify(message)
      if (other === 0) onSend(text)
      setImmediate(() => {
        sent(null)
        for (const listener of listeners[other]) listener(JSON.parse(text))
      })
    },
    onMessage: listener => {
      listeners[other === 0 ? 1 : 0].push(listener)
    },
    onClose () {}
  })
  return [end(1), end(0)]
}
