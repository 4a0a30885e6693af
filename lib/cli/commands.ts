import { dnsServersOf, portOf, UsageError, type Command, type Options } from './usage.js'

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const

/** How a running gateway is reached. */
const ADMIN: Options = { admin: text, 'admin-token': text }

const switching = (name: string, status: string, about: string): Command => ({
  usage: `${name} NAME [--admin URL]`,
  description: about,
  options: ADMIN,
  run: async (positionals, given) => (await import('./status.js')).change(one(positionals, name, 'the name or the address of an endpoint, or a group'), status, given)
})

/** Every command by its name, in the order in which they are told. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    usage: 'serve <file.xml | file.json | folder>',
    description: 'run the proxy services of a configuration',
    options: {
      port: text,
      host: text,
      'https-port': text,
      'tls-cert': text,
      'tls-key': text,
      'admin-port': text,
      'admin-host': text,
      'admin-token': text,
      'public-url': text,
      'endpoint-timeout': text,
      'suspend-duration': text,
      'progression-factor': text,
      'dns-servers': text,
      'session-store': text,
      'session-store-timeout': text,
      'session-near-cache': text,
      'trust-proxy': flag,
      'fail-safe': flag,
      watch: flag,
      'shutdown-delay': text,
      'shutdown-grace': text,
      'log-level': text,
      'access-log': flag
    },
    run: async (positionals, given) => (await import('./serve.js')).serve(one(positionals, 'serve'), given)
  },
  check: {
    usage: 'check <file.xml | file.json | folder>',
    description: 'say everything that is wrong with a configuration',
    options: {},
    run: async positionals => (await import('./check.js')).check(one(positionals, 'check'))
  },
  convert: {
    usage: 'convert <…> --to json|xml',
    description: 'print a configuration in the other language',
    options: { to: text },
    run: async (positionals, { to }) => (await import('./convert.js')).convert(one(positionals, 'convert'), String(to ?? ''))
  },
  schema: {
    usage: 'schema',
    description: 'print the JSON Schema of a configuration, for editors',
    options: {},
    run: async () => {
      console.log(JSON.stringify((await import('../definitions/schema.js')).jsonSchema(), null, 2))
      return 0
    }
  },
  reference: {
    usage: 'reference',
    description: 'print everything that a configuration can say, as Markdown',
    options: {},
    run: async () => {
      process.stdout.write((await import('./reference.js')).reference())
      return 0
    }
  },
  explain: {
    usage: 'explain <…> --proxy NAME [--request FILE] [--dns-servers …]',
    description: 'say whom a proxy would ask, in order, and what the client would get',
    options: { proxy: text, request: text, 'dns-servers': text },
    run: async (positionals, given) => (await import('./explain.js')).explain(one(positionals, 'explain'), given['proxy'] as string | undefined, given['request'] as string | undefined, dnsServersOf(given))
  },
  status: {
    usage: 'status [--admin URL] [--json]',
    description: 'say which endpoints of a running gateway are out, why, and until when',
    options: { ...ADMIN, json: flag },
    run: async (positionals, given) => {
      if (positionals.length > 0) throw new UsageError('status takes no name')
      return (await import('./status.js')).status(given)
    }
  },
  on: switching('on', 'active', 'let messages go to an endpoint again'),
  off: switching('off', 'inactive', 'let no message go to an endpoint until it is switched on'),
  drain: switching('drain', 'draining', 'let only messages of its own sessions go to an endpoint'),
  demo: {
    usage: 'demo [--keep]',
    description: 'three back-ends, two proxies and a hundred requests',
    options: { keep: flag },
    run: async (_positionals, { keep }) => (await import('./demo.js')).demo({ keep: keep === true, out: line => console.log(line) })
  },
  backend: {
    usage: 'backend --port 9001 --name MyServer1',
    description: 'one sample back-end (LBService1, SimpleStockQuoteService)',
    options: { port: text, name: text, host: text },
    run: async (_positionals, { port, name, host }) => {
      await (await import('./sample-backend.js')).sampleBackend({ port: portOf(port, 'port') ?? 9001, name: String(name ?? 'MyServer1'), host: String(host ?? '0.0.0.0') })
      return 0
    }
  }
}

function one (positionals: readonly string[], command: string, what = 'one file or folder'): string {
  if (positionals.length !== 1) throw new UsageError(`${command} takes ${what}`)
  return positionals[0]!
}
