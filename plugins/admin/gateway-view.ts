import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { Type, type Static } from '@sinclair/typebox'

export const GatewayView = Type.Object({
  name: Type.String({ description: 'Host name of the machine or container.' }),
  version: Type.String(),
  startedAt: Type.Number({ description: 'Milliseconds since 1970.' }),
  now: Type.Number({ description: 'Clock of the gateway, milliseconds since 1970.' }),
  mayChange: Type.Union([Type.Literal(true), Type.String()], { description: 'True, or why changes are not possible.' }),
  maySee: Type.Union([Type.Literal(true), Type.String()], { description: 'True, or why sources are not shown.' }),
  mayEdit: Type.Union([Type.Literal(true), Type.String()], {
    description: 'True, or why the configuration cannot be changed.'
  })
}, { $id: 'Gateway' })
export type GatewayView = Static<typeof GatewayView>

/** As deep as the one-file command, so that both find the package. */
const PACKAGE = new URL('../../../package.json', import.meta.url)
/** The version of this package. */
export const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }

const ONLY_LOOK = 'Without a token the console may only look. Start the gateway with PROXY_SERVICES_ADMIN_TOKEN, ' +
  'or use `proxy-services off …` on its machine.'

const ONLY_WITH_TOKEN = 'Sources of the configuration are shown with a token only: start the gateway with ' +
  'PROXY_SERVICES_ADMIN_TOKEN.'
const NO_EDITING = 'Changes of the configuration are switched off here (--admin-edit off).'

/** What a caller may do, or why not. */
export type Rights = Pick<GatewayView, 'mayChange' | 'maySee' | 'mayEdit'>

/** @param options whether the admin API is protected by a token, and whether the configuration may be changed at all */
export const rightsOf = ({ hasToken, edit = true }: { hasToken: boolean, edit?: boolean | undefined }): Rights => ({
  mayChange: hasToken ? true : ONLY_LOOK,
  maySee: hasToken ? true : ONLY_WITH_TOKEN,
  mayEdit: !hasToken ? ONLY_WITH_TOKEN : edit ? true : NO_EDITING
})

/** What a page shows of the gateway itself. */
export const gatewayView = (rights: Rights): GatewayView => ({
  name: hostname(),
  version,
  startedAt: Math.round(performance.timeOrigin),
  now: Date.now(),
  ...rights
})
