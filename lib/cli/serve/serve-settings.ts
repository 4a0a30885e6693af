import { LIMIT_DESCRIPTIONS, type LimitDescription, type Limits } from '../../../plugins/http/message/limits.js'
import { LOG_LEVELS } from '../../../plugins/logging/log-levels.js'
import { CLIENT_AUTHENTICATION, TLS_VERSIONS } from '../../../plugins/tls/server-tls.js'
import {
  bytes,
  count,
  countOrNone,
  files,
  list,
  milliseconds,
  oneOf,
  onOff,
  port,
  portOrOff,
  positive,
  positiveCount,
  processes,
  secret,
  share,
  text,
  type Setting,
  type SettingValues
} from '../command-line/setting.js'

/** The flag of a limit: `replay-buffer-limit` for `replayBufferLimit`. */
export const flagOfLimit = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** One flag for each limit of the plugin. */
export const LIMIT_SETTINGS: Readonly<Record<string, Setting<number | null>>> = Object.fromEntries(
  (Object.entries(LIMIT_DESCRIPTIONS) as [keyof Limits, LimitDescription][]).map(([name, limit]) => [
    flagOfLimit(name),
    settingOf(limit)
  ])
)

function settingOf ({ unit, default: value, description }: LimitDescription): Setting<number | null> {
  const make =
    unit === 'bytes' ? bytes : unit === 'milliseconds' ? milliseconds : value === null ? countOrNone : count
  return make(String(value ?? 'none'), description)
}

/** Ports, TLS and the connections of clients. */
const LISTENING = {
  port: port('8290', 'Listens for http. 0: any free port.'),
  host: text('ADDRESS', '0.0.0.0', 'The address to listen at, for http and https.'),
  'https-port': port('none', 'Listens for https, too: the same proxies. Needs --tls-key and --tls-cert.'),
  'tls-cert': files(
    'none',
    'Certificate chains, as PEM, separated by commas: the one for the host that a client names (SNI), or the first.'
  ),
  'tls-key': files('none', 'The private keys of --tls-cert, as PEM, in the same order. A reload reads them all again.'),
  'tls-min-version': oneOf(TLS_VERSIONS, 'TLSv1.2', 'The least version of TLS.'),
  'tls-max-version': oneOf(TLS_VERSIONS, 'TLSv1.3', 'The greatest version of TLS.'),
  'tls-ciphers': text('LIST', 'those of Node.js', 'Cipher suites as OpenSSL names them, separated by colons.'),
  'tls-client-ca': text(
    'FILE',
    'none',
    'Authorities, as PEM: clients need a certificate of one of them (mutual TLS).'
  ),
  'tls-client-crl': text(
    'FILE',
    'none',
    'Revoked client certificates: the lists of all authorities in --tls-client-ca, as PEM.'
  ),
  'tls-client-auth': {
    ...oneOf(
      CLIENT_AUTHENTICATION,
      'none',
      'optional: clients without a valid certificate are served, too; CLIENT_CERT_ERROR has the reason.'
    ),
    defaultText: 'required with --tls-client-ca, else none'
  },
  'trust-proxy': onOff('Believes X-Forwarded-* and Forwarded headers; only behind a proxy that sets them.'),
  'max-connections': countOrNone(
    'none',
    'Connections of clients at one time, for each port; further ones are closed.'
  ),
  'max-requests-per-connection': count(
    '0',
    'Requests on one connection of a client, then it is closed. 0: no limit.'
  ),
  'client-keep-alive-timeout': milliseconds(
    '72000',
    'How long an idle connection of a client is kept; longer than load balancers in front do.'
  ),
  'client-headers-timeout': milliseconds('60000', 'How long a client may take for the head of a request.'),
  'client-request-timeout': milliseconds('0', 'How long a client may take for a whole request. 0: no limit.'),
  'client-connection-timeout': milliseconds('0', 'How long a connection of a client may be silent. 0: no limit.'),
  'client-half-closed-timeout': milliseconds(
    '5000',
    'How long a client that has ended its side of a connection (no TLS) waits for its response. 0: it has disconnected.'
  ),
  'max-header-size': bytes('16384', 'The greatest head of a request.'),
  'body-limit': bytes('none', 'The greatest body of a request; a larger one is refused with 413.')
}

const ADMIN = {
  'admin-port': portOrOff('9164, if it is free', 'The port of the admin API, or off.'),
  'admin-host': text('ADDRESS', '127.0.0.1', 'The address of the admin API.'),
  'admin-token': secret('TOKEN', 'none', 'The bearer token that the admin API requires. Prefer the variable.'),
  'admin-view-token': secret(
    'TOKEN',
    'none',
    'With --admin-token: a second token for viewers, who change nothing and see no sources and no messages.'
  ),
  'admin-allow-host': list(
    'none',
    'Without a token: names that Host may have, besides addresses and localhost; separated by commas.'
  ),
  'admin-console': oneOf(['on', 'off'], 'on', 'The web page of the admin port.'),
  'record-hide': list(
    'none',
    'Names of headers, elements and fields whose values recordings hide, besides those that look secret.'
  ),
  'admin-edit': oneOf(['on', 'off'], 'on', 'Whether the console may change the configuration.')
}

const PROXIES = {
  'public-url': text('URL', 'taken from the request', 'The address in published WSDLs.'),
  prefix: text('PATH', 'none', 'The path before /services/NAME.'),
  'main-sequence': oneOf(
    ['services', 'all'],
    'all',
    'Which requests the sequence main gets: those below /services, or all others.'
  ),
  forwarded: onOff('Sends X-Forwarded-*, Forwarded, Via and X-Request-Id to endpoints.'),
  'forwarded-client-cert': onOff('Sends the valid certificate of a client to endpoints: Client-Cert (RFC 9440).'),
  'fail-safe': onOff('Leaves out what is invalid, and runs the rest.'),
  watch: onOff('Reloads when the configuration or a certificate changes. SIGHUP reloads, too.')
}

const ENDPOINTS = {
  'endpoint-timeout': milliseconds('none', 'The response timeout of endpoints without one of their own.'),
  'suspend-duration': milliseconds('30000', 'The first suspension of endpoints without one of their own.'),
  'progression-factor': positive(
    '1',
    'Makes each further suspension longer, for endpoints without one of their own.'
  ),
  'endpoint-max-requests': positiveCount(
    'none',
    'Requests in flight to one endpoint without a limit of its own; further ones go to other members, or wait.'
  ),
  'endpoint-max-queued': count(
    '0',
    'Messages that wait for a place at one endpoint beyond --endpoint-max-requests; further ones get 503.'
  ),
  'endpoint-queue-timeout': milliseconds('5000', 'How long a message waits for a place at an endpoint. 0: no limit.'),
  'endpoint-ca': text('FILE', 'those of Node.js', 'Authorities of endpoints without their own, as PEM.'),
  'endpoint-cert': text('FILE', 'none', 'The certificate of the gateway for endpoints without their own, as PEM.'),
  'endpoint-key': text('FILE', 'none', 'The private key of --endpoint-cert, as PEM.'),
  'upstream-client': oneOf(['own', 'undici'], 'own', 'What sends requests to endpoints.'),
  'dns-servers': list(
    'those of the system',
    'Name servers of dynamic groups: 10.0.0.10:53, separated by commas; also of explain.'
  )
}

const SESSION_STORE = {
  'session-store': secret(
    'URL',
    'none',
    'Shares sessions over Redis or Valkey: redis://host:6379, redis+sentinel://, redis+cluster://. Prefer the variable.'
  ),
  'session-store-ca': text('FILE', 'those of Node.js', 'Authorities of the session store, as PEM, with rediss://.'),
  'session-store-cert': text('FILE', 'none', 'The certificate of the gateway for the session store, as PEM.'),
  'session-store-key': text('FILE', 'none', 'The private key of --session-store-cert, as PEM.'),
  'session-store-prefix': text('TEXT', 'proxy-services:session:', 'The beginning of all keys in the session store.'),
  'session-store-timeout': milliseconds('1000', 'How long a message waits for the session store.'),
  'session-cache-ttl': milliseconds(
    '5000',
    'How long bindings of the session store are cached; 0: never. With --workers and no store: how often a session ' +
      'in use is reported (60000).'
  )
}

const OPERATION = {
  state: text('FILE', 'none', 'Keeps which endpoints are off or draining by hand, across restarts.'),
  workers: processes('1', 'Processes that serve clients, on one port and with one state. auto: one for each core.'),
  'worker-timeout': milliseconds('10000', 'How long a worker may hang before it is killed and replaced.'),
  'shutdown-delay': milliseconds('0', 'Reports not ready for this long before it closes its ports.'),
  'shutdown-grace': milliseconds('25000', 'How long requests in flight may take after --shutdown-delay.'),
  'log-level': oneOf(LOG_LEVELS, 'info', 'The least level logged.'),
  'access-log': onOff('Logs one line for each request.'),
  'access-log-format': oneOf(
    ['json', 'combined'],
    'json',
    'The format of the access log: JSON fields, or the text of Apache, without path and query.'
  ),
  'access-log-sample': share(
    '1',
    'The share of requests that are logged, 0 to 1; those with status 5xx, or none, are always.'
  ),
  'print-config': onOff('Prints every setting with its value and where it comes from, and ends.')
}

/** Every option of `serve` that is a setting, in the order of the help. */
export const SERVE_SETTINGS = {
  ...LISTENING,
  ...ADMIN,
  ...PROXIES,
  ...ENDPOINTS,
  ...LIMIT_SETTINGS,
  ...SESSION_STORE,
  ...OPERATION
}

/** The values of the options of `serve`. */
export type ServeValues = SettingValues<typeof SERVE_SETTINGS>
