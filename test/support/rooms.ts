import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A folder, or a few files, with one concern. */
export interface Room {
  readonly name: string
  readonly concern: string
  readonly files: RegExp
}

const folder = (name: string, concern: string): Room => ({ name, concern, files: new RegExp(`^${name}/`) })
const file = (name: string, concern: string): Room =>
  ({ name, concern, files: new RegExp(`^${name.replaceAll('.', '\\.')}$`) })

/** The rooms from the ground up. A file imports from rooms on lower floors, or from its own folder. */
export const FLOORS: readonly (readonly Room[])[] = [
  [
    folder('lib/message', 'messages, headers, faults'),
    folder('lib/slices', 'work in slices'),
    folder('plugins/timing', 'timers, deadlines, back-off, turns of the event loop'),
    folder('plugins/files', 'small files, read at once'),
    folder('plugins/package', 'the version of the package')
  ],
  [
    folder('lib/xml', 'XML'),
    folder('plugins/ipc', 'messages between processes'),
    { name: 'plugins/logging', concern: 'errors and the log', files: /^plugins\/(errors\.ts|logging\/)/ }
  ],
  [
    folder('lib/state', 'endpoint states, session tables'),
    folder('lib/wsdl', 'WSDL documents'),
    folder('lib/soap', 'SOAP envelopes'),
    folder('plugins/tls', 'TLS of the ports')
  ],
  [folder('lib/xpath', 'XPath 1.0'), folder('lib/redaction', 'hiding secrets in recorded messages')],
  [folder('lib/json', 'JSON, JSONPath, JSON and XML')],
  [folder('lib/expression', "Synapse's expressions")],
  [folder('lib/contracts', 'flows, kinds, discovery')],
  [folder('lib/balancing', 'attempts, failover'), folder('lib/pipeline', 'sequences, drivers of flows')],
  [folder('lib/rest', 'APIs: resources by path and method')],
  [
    folder('lib/mediators/values', 'values, conditions, patterns of mediators'),
    folder('lib/endpoints/settings', 'settings of endpoints and groups, in XML and JSON'),
    folder('lib/algorithms', 'balancing algorithms'),
    folder('lib/sessions', 'session kinds')
  ],
  [
    folder('lib/endpoints/network', 'endpoints with an address, and their messages'),
    folder('lib/mediators/core', 'properties, sequences, the log, the end of mediation')
  ],
  [
    folder('lib/endpoints/groups', 'endpoints that choose among members'),
    folder('lib/mediators/transformation', 'what changes a message')
  ],
  [
    folder('lib/mediators/sending', 'what sends a message'),
    folder('lib/mediators/splitting', 'what splits and joins messages')
  ],
  [folder('lib/mediators/routing', 'which mediators a message passes')],
  [
    folder('lib/endpoints', 'references, the list of all endpoints'),
    folder('lib/mediators', 'the list of all mediators')
  ],
  [
    folder('lib/definitions/group-form', 'groups as forms, edited in place'),
    folder('lib/definitions/model', 'the model, problems')
  ],
  [folder('lib/definitions/reading', 'XML and JSON to the model')],
  [
    folder('lib/definitions/files', 'files, archives and registries of a configuration'),
    folder('lib/definitions/checking', 'what is wrong with a configuration')
  ],
  [folder('lib/definitions', 'load, convert, write')],
  [folder('lib/compiler', 'definitions to services')],
  [folder('lib/explain', 'what a proxy does, in words')],
  [file('plugins/http/client/client-error.ts', 'errors of the HTTP client')],
  [
    folder('plugins/http/client/names', 'addresses of names: hosts file, DNS'),
    folder('plugins/http/client/response', 'the parser of responses, content codings')
  ],
  [file('plugins/http/client/client-options.ts', 'options of the HTTP client')],
  [folder('plugins/http/client/dialing', 'new connections, and what they lead to')],
  [folder('plugins/http/client', 'an HTTP/1.1 client: pools, connections, exchanges')],
  [
    folder('plugins/tracing', 'spans of OpenTelemetry'),
    folder('plugins/http/message', 'heads, bodies and limits of messages'),
    folder('plugins/wsdl', 'publishing WSDL'),
    folder('plugins/discovery', 'members by DNS, file'),
    folder('plugins/session-stores', 'shared sessions')
  ],
  [
    folder('plugins/http/server', 'requests of clients, and the responses to them'),
    folder('plugins/http/upstream', 'requests to endpoints; transports, failures')
  ],
  [folder('plugins/http/web-sockets', 'WebSockets')],
  [folder('plugins/recording', 'recording of messages')],
  [folder('plugins/health-checks', 'health checks at regular times, and of suspended members')],
  [folder('plugins/gateway/request', 'one request: its context, its hooks, its effects')],
  [folder('plugins/gateway/configuration', 'options, and the configuration with its problems')],
  [folder('plugins/gateway/state', 'the endpoint registry, its log and its file')],
  [folder('plugins/gateway', 'the Fastify plugin: routes, dispatch, reload')],
  [folder('plugins/metrics', 'Prometheus metrics')],
  [
    folder('plugins/admin/project', 'the configuration as a project'),
    folder('plugins/admin/contract', 'what the admin API speaks: shapes, schemas, errors')
  ],
  [
    folder('plugins/admin/access', 'who may call the admin API'),
    folder('plugins/admin/samples', 'figures of traffic and sessions, sampled'),
    folder('plugins/admin/endpoints', 'endpoints as the API shows and switches them')
  ],
  [folder('plugins/admin/journal', 'the journal of events')],
  [
    folder('plugins/admin/live', 'the live stream of states and events'),
    folder('plugins/admin/messages', 'recordings'),
    folder('plugins/admin/sessions', 'sessions that are looked up and released'),
    folder('plugins/admin/configuration', 'the configuration, its changes and reloads')
  ],
  [folder('plugins/admin/proxies', 'proxies, messages that are tried, explanations')],
  [folder('plugins/admin', 'the admin API'), folder('plugins/workers', 'several processes as one gateway')],
  [folder('plugins/console/model', 'what the console shows, as pure values')],
  [folder('plugins/console/page/state', 'what the page knows and keeps')],
  [folder('plugins/console/page/elements', 'parts that all views of the page share')],
  [
    folder('plugins/console/page/operation', 'overview, endpoints, sessions, events'),
    folder('plugins/console/page/messages', 'recorded messages'),
    folder('plugins/console/page/configuration', 'files, editor, problems, reloads')
  ],
  [
    folder('plugins/console/page/group', 'the form of a group'),
    folder('plugins/console/page/proxy', 'a proxy: flow, WSDL, messages to try')
  ],
  [folder('plugins/console/page/shell', 'what surrounds all views')],
  [folder('plugins/console/page', 'the page of the console')],
  [file('plugins/index.ts', 'the public exports')],
  [
    folder('lib/cli/sample', 'sample back-ends and clients'),
    folder('lib/cli/command-line', 'options, usage, tables')
  ],
  [
    folder('lib/cli/serve', 'serve: the gateway as a process'),
    folder('lib/cli/operation', 'commands that call a running gateway'),
    folder('lib/cli/configuration', 'commands that read a configuration')
  ],
  [{ name: 'lib/cli', concern: 'the commands', files: /^lib\/cli\// }],
  [file('lib/cli.ts', 'the binary')]
]

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** One source file: its path, its text, its code without comments, and the files that it imports. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly code: string
  readonly imports: readonly string[]
}

/** All files of code in `lib` and `plugins`. */
export const sourceFiles = (): SourceFile[] => ['lib', 'plugins'].flatMap(filesIn)

/** All files of code in `test`. */
export const testFiles = (): SourceFile[] => filesIn('test')

const filesIn = (top: string): SourceFile[] =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .sort()
    .map(name => readSource(join(top, name)))

function readSource (path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const code = text.replace(/\/\*[^]*?\*\/|(?<![:'"`\\])\/\/.*/g, '')
  const imports = [...code.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map(([, target]) =>
    join(dirname(path), target!.replace(/\.js$/, '.ts'))
  )
  return { path, text, code, imports }
}

/** The floor of a file; -1, if it has none. */
export const floorOf = (path: string): number =>
  FLOORS.findIndex(rooms => rooms.some(({ files }) => files.test(path)))

/** The room of a file. */
export const roomOf = (path: string): Room | undefined => FLOORS[floorOf(path)]?.find(({ files }) => files.test(path))
