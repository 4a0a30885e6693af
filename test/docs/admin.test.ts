import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import t from 'tap'
import { SERVE_SETTINGS } from '../../lib/cli/serve/serve-settings.js'
import type { Settings } from '../../lib/cli/command-line/setting.js'
import { STATES } from '../../lib/state/suspension.js'
import proxyServices, { admin, type SessionStore } from '../../plugins/index.js'
import { logLines } from '../support/log-lines.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')

/** The rows of the table below a heading, its own heading left out; cells without back-ticks. */
function rows (heading: string, title: string): string[][] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`))
  const lines = section.slice(section.indexOf(`\n| ${title} |`) + 1).split('\n')
  return lines
    .slice(
      2,
      lines.findIndex(line => !line.startsWith('|'))
    )
    .map(line =>
      line.split(' | ').map(cell =>
        cell
          .replace(/^\| |(^| )\|$/g, '')
          .replaceAll('`', '')
          .trim()
      )
    )
}

t.test('docs/admin.md lists exactly the requests of the admin API', async t => {
  const app = Fastify({ exposeHeadRoutes: false })
  t.teardown(() => app.close())
  const routes: string[] = []
  const sessionStore: SessionStore = { lookup: async () => null, bind: async (_session, member) => member }
  await app.register(proxyServices, {
    sessionStore,
    definitions: {
      proxies: {
        A: {
          endpoint: {
            kind: 'loadbalance',
            session: { kind: 'simpleClientSession' },
            members: [{ kind: 'address', uri: 'http://127.0.0.1:1' }]
          }
        }
      }
    }
  })
  app.addHook('onRoute', ({ method, url }) => { routes.push(`${String(method)} ${url}`) })
  await app.register(admin)
  await app.ready()
  t.strictSame(rows('The admin', 'Request').map(([request]) => request).sort(), routes.sort())

  const [endpoint] = (await app.inject('/endpoints')).json().list
  const [, described] = rows('The admin', 'Request').find(([request]) => request === 'GET /endpoints')!
  t.strictSame(described!.slice(described!.indexOf(': ') + 2).split(', '), Object.keys(endpoint))
})

t.test('docs/admin.md lists exactly the states of an endpoint', async t => {
  t.strictSame(rows('States of endpoints', 'State').map(([state]) => state), STATES)
})

t.test('the picture of timeouts has every flag of serve that ends something after a time', async t => {
  const [, picture = ''] = /^## Timeouts\n[^]*?```\n([^]*?)```/m.exec(page) ?? []
  // Times that end nothing.
  const others = ['suspend-duration', 'session-cache-ttl', 'body-rate-window', 'worker-timeout']
  for (const [flag, { value }] of Object.entries<Settings[string]>(SERVE_SETTINGS)) {
    if (value === 'MS' && !others.includes(flag)) t.match(picture, new RegExp(`(^|[ -])${flag}\\b`, 'm'), flag)
  }
})

t.test('every log line that the page explains occurs in the code', async t => {
  const sources = ['plugins', 'lib/cli', 'lib/pipeline', 'lib/mediators'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => readFileSync(join(root, folder, name), 'utf8'))
  )
  const explained = rows('The log', 'Line').map(([line]) => line!)
  t.ok(explained.length > 10)
  for (const line of explained) {
    const pattern = new RegExp(`['\`]${withGaps(line, '\\$\\{[^`]*\\}')}['\`]`)
    t.ok(sources.some(source => pattern.test(source)), line)
  }
})

t.test('the page explains every log line that occurs in the code', async t => {
  const explained = rows('The log', 'Line').map(([line]) => new RegExp(`^${withGaps(line!, '.*')}$`))
  const lines = logLines()
  t.ok(lines.length > 30)
  for (const { file, text } of lines) t.ok(explained.some(pattern => pattern.test(text)), `${file}: ${text}`)
})

t.test('the page explains every event that an app can listen to', async t => {
  const eventsIn = (path: string): (string | undefined)[] => {
    const [, events = ''] = /interface \w*Events \{\n(.*?)^\}/ms.exec(readFileSync(join(root, path), 'utf8')) ?? []
    return [...events.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name)
  }
  const names = [...eventsIn('lib/state/registry-events.ts'), ...eventsIn('plugins/gateway/proxy-services.ts')]
  t.ok(names.length > 5)
  t.strictSame(rows('Events', 'Event').map(([event]) => event), names)
})

/** A text as the source of a pattern, with another one for each `…` in it. */
function withGaps (text: string, gap: string): string {
  return text
    .split('…')
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join(gap)
}
