import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { Type, type Static } from '@sinclair/typebox'

export const GatewayView = Type.Object({
  name: Type.String({ description: 'Host name of the machine or container.' }),
  version: Type.String(),
  startedAt: Type.Number({ description: 'Milliseconds since 1970.' }),
  now: Type.Number({ description: 'Clock of the gateway, milliseconds since 1970.' }),
  mayChange: Type.Union([Type.Literal(true), Type.String()], { description: 'True, or why changes are not possible.' })
}, { $id: 'Gateway' })
export type GatewayView = Static<typeof GatewayView>

/** As deep as the one-file command, so that both find the package. */
const PACKAGE = new URL('../../../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }

const ONLY_LOOK = 'Without a token the console may only look. Start the gateway with PROXY_SERVICES_ADMIN_TOKEN, ' +
  'or use `proxy-services off …` on its machine.'

/** What a page shows of the gateway itself. @param hasToken whether the admin API is protected by a token */
export const gatewayView = (hasToken: boolean): GatewayView => ({
  name: hostname(),
  version,
  startedAt: Math.round(performance.timeOrigin),
  now: Date.now(),
  mayChange: hasToken ? true : ONLY_LOOK
})
