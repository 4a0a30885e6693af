import { readFile } from 'node:fs/promises'
import { startGateway, type Gateway } from './gateway.js'
import { portOf, UsageError, type Given } from './main.js'

/** What stands behind flags: `--port` before PROXY_SERVICES_PORT before the default. */
const setting = (given: Given, name: string): string | undefined => {
  const flag = given[name]
  if (flag !== undefined) return String(flag)
  return process.env[`PROXY_SERVICES_${name.toUpperCase().replaceAll('-', '_')}`] || undefined
}
const isOn = (given: Given, name: string): boolean => /^(true|1|yes)$/i.test(setting(given, name) ?? '')

/** `serve`: runs until it is told to stop (SIGTERM, SIGINT), and lets requests under way end. */
export async function serve (config: string, given: Given): Promise<number> {
  const common = {
    config,
    host: setting(given, 'host') ?? '0.0.0.0',
    logLevel: setting(given, 'log-level') ?? 'info',
    accessLog: isOn(given, 'access-log'),
    trustProxy: isOn(given, 'trust-proxy'),
    failSafe: isOn(given, 'fail-safe'),
    ...publicUrlOf(given)
  }
  const gateways = [await startGateway({ ...common, port: portOf(setting(given, 'port'), 'port') ?? 8290 })]
  const securePort = portOf(setting(given, 'https-port'), 'https-port')
  if (securePort !== undefined) gateways.push(await startGateway({ ...common, port: securePort, https: await credentials(given) }))
  await stopped()
  await Promise.all(gateways.map((gateway: Gateway) => gateway.close()))
  return 0
}

function publicUrlOf (given: Given): { publicUrl?: string } {
  const publicUrl = setting(given, 'public-url')
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) throw new UsageError(`--public-url expects an address, not "${publicUrl}"`)
  return publicUrl === undefined ? {} : { publicUrl }
}

async function credentials (given: Given): Promise<{ key: Buffer, cert: Buffer }> {
  const [key, cert] = [setting(given, 'tls-key'), setting(given, 'tls-cert')]
  if (key === undefined || cert === undefined) throw new UsageError('--https-port needs --tls-key and --tls-cert')
  return { key: await readFile(key), cert: await readFile(cert) }
}

const stopped = async (): Promise<void> => await new Promise(resolve => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
})
