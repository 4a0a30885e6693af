import { APP } from './app.js'
import { BODIES } from './bodies.js'
import { BODY_LIMITS } from './body-limits.js'
import { BROKEN_HOOKS } from './broken-hooks.js'
import { BROKEN_LATER } from './broken-later.js'
import { BROKEN_PAYLOADS } from './broken-payloads.js'
import { CLIENTS } from './clients.js'
import { CONSTRAINTS } from './constraints.js'
import { DISCONNECTS } from './disconnects.js'
import { HEADERS } from './headers.js'
import { HTTP2 } from './http2.js'
import { INJECT } from './inject.js'
import { INJECT_PAYLOADS } from './inject-payloads.js'
import { NOT_FOUND } from './not-found.js'
import { ON_SEND } from './on-send.js'
import { POLICIES } from './policies.js'
import { ROUTER } from './router.js'
import { SCOPES } from './scopes.js'
import { TARGETS } from './targets.js'
import { TIME_LIMITS } from './time-limits.js'
import { UPSTREAMS } from './upstreams.js'
import { WEB_SOCKET } from './web-socket.js'
import { WHOLE_APP } from './whole-app.js'

/** What of a row the documents say. */
export interface DocumentedRow {
  readonly name: string
  readonly differs?: { readonly why: string }
}

/** All rows, in the order of `docs/http-proxy.md`. */
export const ALL_ROWS: readonly { readonly title: string; readonly rows: readonly DocumentedRow[] }[] = [
  { title: 'Policies', rows: POLICIES },
  { title: 'Addresses of requests', rows: TARGETS },
  { title: 'Methods and bodies', rows: BODIES },
  { title: 'Headers', rows: HEADERS },
  { title: 'Responses that onSend hooks see', rows: ON_SEND },
  { title: 'The app', rows: APP },
  { title: 'The router', rows: ROUTER },
  { title: 'Constraints', rows: CONSTRAINTS },
  { title: 'Scopes and prefixes', rows: SCOPES },
  { title: 'Requests that no proxy serves', rows: NOT_FOUND },
  { title: 'Clients', rows: CLIENTS },
  { title: 'Servers of HTTP/2', rows: HTTP2 },
  { title: 'Back-ends, and what sends the requests', rows: UPSTREAMS },
  { title: 'Limits of time, and clients that leave', rows: TIME_LIMITS },
  { title: 'Limits of size', rows: BODY_LIMITS },
  { title: 'What a client leaves behind', rows: DISCONNECTS },
  { title: 'Hooks that fail', rows: BROKEN_HOOKS },
  { title: 'Payloads that fail', rows: BROKEN_PAYLOADS },
  { title: 'Hooks of other phases that fail', rows: BROKEN_LATER },
  { title: 'app.inject: bodies', rows: INJECT_PAYLOADS },
  { title: 'app.inject: requests and responses', rows: INJECT },
  { title: 'A whole app', rows: WHOLE_APP },
  { title: 'WebSocket', rows: WEB_SOCKET }
]
