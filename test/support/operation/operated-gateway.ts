import type { Test } from 'tap'
import type { AdminPort } from '../../../lib/cli/serve/admin-port.js'
import { startGateway, type Gateway } from '../../../lib/cli/serve/gateway.js'

export interface OperatedGateway {
  readonly gateway: Gateway
  /** Where clients send their requests, without a slash at the end. */
  readonly url: string
  /** Where its operators do. */
  readonly admin: string
}

/** A gateway of this process with an admin API, at free ports of loopback. */
export async function operatedGateway (
  t: Test,
  definitions: object,
  admin: Partial<AdminPort> = {}
): Promise<OperatedGateway> {
  const loopback = { port: 0, host: '127.0.0.1' }
  const gateway = await startGateway({
    definitions,
    ...loopback,
    logLevel: 'silent',
    admin: { ...loopback, ...admin }
  })
  t.teardown(() => gateway.close())
  return {
    gateway,
    url: `http://127.0.0.1:${gateway.port}`,
    admin: `http://127.0.0.1:${gateway.adminPort}`
  }
}
