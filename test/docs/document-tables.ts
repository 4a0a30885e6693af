import Fastify from 'fastify'
import { COMMANDS } from '../../lib/cli/commands.js'
import { SERVE_SETTINGS } from '../../lib/cli/serve/serve-settings.js'
import type { Settings } from '../../lib/cli/command-line/setting.js'
import { variableOf, type Option } from '../../lib/cli/command-line/usage.js'
import { LIMIT_DESCRIPTIONS } from '../../plugins/http/message/limits.js'
import { alerts } from '../support/alerts.js'
import { ALL_ROWS, type DocumentedRow } from '../plugin/http-proxy/all-rows.js'
import proxyServices, { admin, type SessionStore } from '../../plugins/index.js'

/** The tables of documents that are made of the code, by name; without their heading rows. */
export const documentTables = async (): Promise<Readonly<Record<string, readonly string[]>>> => ({
  metrics: await metricRows(),
  flags: Object.entries<Settings[string]>(SERVE_SETTINGS).map(([flag, { value, defaultText, description }]) =>
    row(
      flagOf([flag, { description, ...(value !== undefined && { value }) }]),
      `\`${variableOf(flag)}\``,
      defaultText,
      description
    )
  ),
  commands: Object.entries(COMMANDS).filter(([name]) => name !== 'serve').map(([, { usage, description, options }]) =>
    row(`\`${escaped(usage)}\``, description, Object.entries(options).map(flagOf).join(', ') || 'none')
  ),
  alerts: alerts().map(({ alert, for: time = '0s', annotations: { summary, description } }) =>
    row(`\`${alert}\``, time, summary.replace(/\{\{ \$(?:labels\.)?(\w+).*?\}\}/g, '*$1*'), description)
  ),
  ...Object.fromEntries(
    ALL_ROWS.map(({ title, rows }) => [`http-proxy: ${title}`, rows.map(comparedRow)])
  ),
  'http-proxy: differences': ALL_ROWS.flatMap(({ rows }) => rows.filter(({ differs }) => differs).map(comparedRow)),
  limits: Object.entries(LIMIT_DESCRIPTIONS).map(([name, { default: value, description }]) =>
    row(`\`${name}\``, String(value), description)
  )
})

const comparedRow = ({ name, differs }: DocumentedRow): string =>
  row(name.replaceAll('|', '\\|'), differs?.why ?? 'the same')

const escaped = (text: string): string => text.replaceAll('|', '\\|')

const flagOf = ([name, { value }]: [string, Option]): string =>
  `\`--${name}${value === undefined ? '' : ` ${escaped(value)}`}\``

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** The metrics of a gateway that has everything, by the text that Prometheus reads. */
async function metricRows (): Promise<string[]> {
  const app = Fastify({ exposeHeadRoutes: false })
  const sessionStore: SessionStore = { lookup: async () => null, bind: async (_session, member) => member }
  await app.register(proxyServices, { sessionStore, definitions: { proxies: {} } })
  await app.register(admin)
  const { body } = await app.inject('/metrics')
  await app.close()
  return [...body.matchAll(/^# HELP (proxy_services_\S+) (.+)\n# TYPE \S+ (\S+)$/gm)].map(([, name, help, type]) =>
    row(`\`${name}\``, type!, help!)
  )
}
