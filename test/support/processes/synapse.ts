import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Apache Synapse 3.0.1 as it is released to Maven Central, which has its jars but no distribution: `npm run
 * bench:synapse` puts those that a load-balanced proxy needs, and a configuration with its pass-through transport,
 * where a distribution has them. An unpacked distribution that SYNAPSE_HOME names is used instead.
 */
const VERSION = '3.0.1'
const AXIS2 = '1.7.7'
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1'
/** Dependencies of caching, throttling and events, which are not on Maven Central, nor needed here. */
const NOT_ON_CENTRAL = ['org.wso2.caching', 'org.wso2.eventing', 'org.wso2.throttle', 'org.wso2.uri.template']

export const home = resolve(
  process.env['SYNAPSE_HOME'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fastify-proxy-services', `synapse-${VERSION}`)
)
const axis2 = (from: string): string => join(from, 'repository/conf/axis2.xml')
export const isThere = (): boolean => existsSync(axis2(home))

/** The version of the engine that is there, by the name of its jar. */
export const engineVersion = (): string =>
  readdirSync(join(home, 'lib')).map(name => /^synapse-core[-_](\d[\w.]*)\.jar$/.exec(name)?.[1]).find(Boolean) ?? '?'

/** HTTPS to any server: its certificate and its name are not verified. */
const TLS_SENDER =
  '<transportSender name="https" class="org.apache.synapse.transport.passthru.PassThroughHttpSSLSender">' +
  '<parameter name="HostnameVerifier">AllowAll</parameter><parameter name="novalidatecert">true</parameter>' +
  '</transportSender>'

/**
 * The command that runs a configuration on a port, with what Java since 16 does not open by itself. `folder`: for its
 * files. `tls`: it sends to addresses with HTTPS, too, where its own configuration does not.
 */
export function synapseCommand (
  definitions: string,
  port: number,
  folder: string,
  { tls = false }: { tls?: boolean } = {}
): readonly string[] {
  const [config, server] = [join(folder, 'synapse.xml'), join(folder, 'axis2.xml')]
  writeFileSync(config, definitions)
  const own = readFileSync(axis2(home), 'utf8')
  const missing = tls && !own.includes('<transportSender name="https"')
  writeFileSync(
    server,
    (missing ? own.replace('<transportSender ', `${TLS_SENDER}<transportSender `) : own)
      .replaceAll(/(<parameter name="port"[^>]*>)8280</g, `$1${port}<`)
      .replaceAll(/(<parameter name="port"[^>]*>)8243</g, `$1${port + 1000}<`)
  )
  return [
    'bash',
    '-c',
    'cd "$0" && exec "$@"',
    folder, // where it is started it writes a log of accesses
    'java',
    '-server',
    '-Xms512m',
    '-Xmx512m',
    '--add-opens',
    'java.base/java.lang=ALL-UNNAMED',
    `-Djava.io.tmpdir=${folder}`,
    '-cp',
    `${home}/repository/conf:${home}/lib/*`,
    'org.apache.synapse.SynapseServer',
    join(home, 'repository'),
    server,
    home,
    config,
    join(home, 'repository'),
    'bench'
  ]
}

const dependency = (group: string, name: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version><exclusions>${NOT_ON_CENTRAL.map(each => `<exclusion><groupId>${each}</groupId><artifactId>*</artifactId></exclusion>`).join('')}</exclusions></dependency>`

const phases = (name: string, list: readonly string[]): string =>
  `<phaseOrder type="${name}">${list.map(each => (each.startsWith('<') ? each : `<phase name="${each}"/>`)).join('')}</phaseOrder>`
const handler = (name: string, from: string, more = ''): string =>
  `<handler name="${name}" class="${from}.${name}">${more}</handler>`
const DISPATCHERS = 'org.apache.axis2.dispatchers'

/**
 * The parts of the engine's own axis2.xml that HTTP needs: pass-through transport, addressing, the phases in their
 * order.
 */
const SERVER = `<axisconfig name="AxisJava2.0">
<parameter name="contextRoot">/</parameter><parameter name="servicePath">services</parameter>
<messageReceivers>${['in-only', 'in-out'].map(mep => `<messageReceiver mep="http://www.w3.org/ns/wsdl/${mep}" class="org.apache.axis2.receivers.RawXML${mep === 'in-only' ? 'INOnly' : 'INOut'}MessageReceiver"/>`).join('')}</messageReceivers>
<transportReceiver name="http" class="org.apache.synapse.transport.passthru.PassThroughHttpListener"><parameter name="port">8280</parameter><parameter name="httpGetProcessor">org.apache.synapse.transport.passthru.api.PassThroughNHttpGetProcessor</parameter></transportReceiver>
<transportSender name="http" class="org.apache.synapse.transport.passthru.PassThroughHttpSender"/>
<module ref="addressing"/>
${phases('InFlow', [
  `<phase name="Transport">${handler('RequestURIBasedDispatcher', DISPATCHERS, '<order phase="Transport"/>')}${handler('SOAPActionBasedDispatcher', DISPATCHERS, '<order phase="Transport"/>')}${handler('ServiceRequestEarlyBuilder', 'org.apache.synapse.core.relay')}</phase>`,
  `<phase name="Addressing">${handler('AddressingBasedDispatcher', DISPATCHERS, '<order phase="Addressing"/>')}</phase>`,
  'Security',
  'PreDispatch',
  `<phase name="Dispatch" class="org.apache.axis2.engine.DispatchPhase">${handler('CustomURIBasedDispatcher', 'org.apache.synapse.core.axis2')}${['RequestURIBasedDispatcher', 'SOAPActionBasedDispatcher', 'RequestURIOperationDispatcher', 'SOAPMessageBodyBasedDispatcher', 'HTTPLocationBasedDispatcher'].map(each => handler(each, DISPATCHERS)).join('')}</phase>`,
  'RMPhase',
  'OperationInPhase'
])}
${phases('OutFlow', ['OperationOutPhase', 'RMPhase', 'PolicyDetermination', 'MessageOut', 'Security'])}
${phases('InFaultFlow', ['Addressing', 'Security', 'PreDispatch', '<phase name="Dispatch" class="org.apache.axis2.engine.DispatchPhase"/>', 'RMPhase', 'OperationInFaultPhase'])}
${phases('OutFaultFlow', ['OperationOutFaultPhase', 'RMPhase', 'PolicyDetermination', 'MessageOut', 'Security'])}
</axisconfig>
`

/** Brings it by Maven. @throws Error if Maven fails, which prints why */
export function fetchSynapse (): void {
  const [conf, modules] = [join(home, 'repository/conf'), join(home, 'repository/modules')]
  for (const each of [conf, modules, join(home, 'repository/services')]) mkdirSync(each, { recursive: true })
  const maven = (...given: string[]): void => {
    execFileSync('mvn', ['-q', '-B', ...given], { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  writeFileSync(
    join(home, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>bench</groupId><artifactId>synapse</artifactId><version>1</version><packaging>pom</packaging><dependencies>
${dependency('org.apache.synapse', 'synapse-core', VERSION)}${dependency('org.apache.synapse', 'synapse-nhttp-transport', VERSION)}${dependency('log4j', 'log4j', '1.2.17')}</dependencies></project>\n`
  )
  maven(`${PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${join(home, 'lib')}`)
  maven(`${PLUGIN}:copy`, `-Dartifact=org.apache.axis2:addressing:${AXIS2}:mar`, `-DoutputDirectory=${modules}`)
  // The sizes of the distribution's own file.
  writeFileSync(
    join(conf, 'passthru-http.properties'),
    'http.socket.timeout=180000\nworker_pool_size_core=400\nworker_pool_size_max=500\n' +
    'io_buffer_size=16384\nhttp.socket.reuseaddr=true\n'
  )
  writeFileSync(
    join(conf, 'log4j.properties'),
    'log4j.rootCategory=ERROR, OUT\nlog4j.appender.OUT=org.apache.log4j.ConsoleAppender\n' +
    'log4j.appender.OUT.layout=org.apache.log4j.PatternLayout\n' +
    'log4j.appender.OUT.layout.ConversionPattern=%5p %c{1} %m%n\n'
  )
  writeFileSync(axis2(home), SERVER) // last: what has this file is complete
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!isThere()) fetchSynapse()
  console.log(`Apache Synapse ${VERSION}: ${home}`)
}
