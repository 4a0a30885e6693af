import { hostname } from 'node:os'
import { Type, type Static } from '@sinclair/typebox'
import { version } from '../../package/version.js'
import type { Role } from './access-control.js'

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

const ONLY_LOOK = 'Without a token the console may only look. Start the gateway with PROXY_SERVICES_ADMIN_TOKEN, ' +
  'or use `proxy-services off …` on its machine.'

const ONLY_WITH_TOKEN = 'Sources of the configuration are shown with a token only: start the gateway with ' +
  'PROXY_SERVICES_ADMIN_TOKEN.'
const VIEWER_LOOKS = 'The view token may only look. Sign in with the admin token to change anything.'
const VIEWER_SEES = 'Sources and messages are shown with the admin token only, not with the view token.'
const NO_EDITING = 'Changes of the configuration are switched off here (--admin-edit off).'

/** What a caller may do, or why not. */
export type Rights = Pick<GatewayView, 'mayChange' | 'maySee' | 'mayEdit'>

/** @param edit whether the configuration may be changed at all */
export function rightsOf (role: Role, edit = true): Rights {
  switch (role) {
    case 'operator':
      return { mayChange: true, maySee: true, mayEdit: edit ? true : NO_EDITING }
    case 'viewer':
      return { mayChange: VIEWER_LOOKS, maySee: VIEWER_SEES, mayEdit: VIEWER_SEES }
    case 'anyone':
      return { mayChange: ONLY_LOOK, maySee: ONLY_WITH_TOKEN, mayEdit: ONLY_WITH_TOKEN }
  }
}

/** What a page shows of the gateway itself. */
export const gatewayView = (rights: Rights): GatewayView => ({
  name: hostname(),
  version,
  startedAt: Math.round(performance.timeOrigin),
  now: Date.now(),
  ...rights
})
