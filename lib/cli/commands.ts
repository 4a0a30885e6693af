import { LOG_LEVELS } from '../../plugins/logging/log-levels.js'
import { serveCommand } from './serve/serve-command.js'
import { parsePort } from './command-line/setting.js'
import { CONFIGURATION, dnsServersOf, one, UsageError, type Command, type Options } from './command-line/usage.js'

/** How to reach a running gateway. */
const ADMIN: Options = {
  admin: { value: 'URL', description: 'The admin port of the gateway. Default: http://127.0.0.1:9164.' },
  'admin-token': { value: 'TOKEN', description: 'The token of the admin port, if it has one.' }
}
/** The same, for commands that change something. */
const CHANGING: Options = {
  ...ADMIN,
  by: { value: 'NAME', description: 'Who makes the change, for the log. Default: the user of this machine.' }
}
const DNS_SERVERS = {
  value: 'LIST',
  description: 'Name servers for dynamic groups, as address:port. Default: those of the system.'
}

const switching = (command: string, status: string, description: string): Command => ({
  usage: `${command} NAME`,
  description,
  options: CHANGING,
  hasVariables: true,
  notes: ['NAME is the name or the address of an endpoint, the name of a group, or a part that only one name has.'],
  run: async (positionals, options) => {
    const name = one(positionals, command, 'the name or the address of an endpoint, or a group')
    return (await import('./operation/status.js')).change(name, status, options)
  }
})

/** Every command by its name, in the order of the help. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: serveCommand(async () => await import('./serve/serve.js')),
  check: {
    usage: `check ${CONFIGURATION}`,
    description: 'Reports all problems of a configuration.',
    options: {
      json: { description: 'Prints JSON: { problems: [{ severity, code, message, hint, file, line, column }] }.' },
      strict: { description: 'Warnings count as errors.' }
    },
    notes: ['The exit code is 1 if there are errors; with --strict, also if there are warnings. Hints never count.'],
    run: async (positionals, options) =>
      (await import('./configuration/check.js')).check(one(positionals, 'check'), options)
  },
  convert: {
    usage: `convert ${CONFIGURATION} --to json|xml`,
    description: 'Prints a configuration as JSON or as XML.',
    options: { to: { value: 'json|xml', description: 'The language of the output.' } },
    run: async (positionals, { to }) =>
      (await import('./configuration/convert.js')).convert(one(positionals, 'convert'), String(to ?? ''))
  },
  schema: {
    usage: 'schema',
    description: 'Prints the JSON Schema of a configuration, for editors.',
    options: {},
    run: async () => {
      console.log(JSON.stringify((await import('../definitions/schema.js')).jsonSchema(), null, 2))
      return 0
    }
  },
  reference: {
    usage: 'reference',
    description: 'Prints the reference of everything that a configuration can contain, as Markdown.',
    options: {},
    run: async () => {
      process.stdout.write((await import('./configuration/reference.js')).reference())
      return 0
    }
  },
  explain: {
    usage: `explain ${CONFIGURATION}`,
    description: 'Shows which endpoints a request would be sent to, in order, if each of them failed.',
    options: {
      proxy: {
        value: 'NAME',
        description: 'Only this proxy or API; main for requests that belong to none. Default: all.'
      },
      request: {
        value: 'FILE',
        description: 'A whole HTTP request, which also chooses a resource of an API, or a body. Default: empty SOAP.'
      },
      'dns-servers': DNS_SERVERS,
      json: { description: 'Prints JSON: { proxies: [{ name, request, reads, steps }] }.' }
    },
    run: async (positionals, options) => {
      const { proxy, request, json } = options as { proxy?: string; request?: string; json?: boolean }
      return (await import('./configuration/explain.js')).explain(one(positionals, 'explain'), {
        proxy,
        request,
        json,
        dnsServers: dnsServersOf(options)
      })
    }
  },
  status: {
    usage: 'status',
    description: 'Shows the endpoints and groups of a running gateway: which are suspended, why, and until when.',
    options: {
      ...ADMIN,
      json: { description: 'Prints JSON: { endpoints, groups }, as the admin API lists them.' },
      watch: { description: 'Prints the status again every second, until Ctrl+C.' }
    },
    hasVariables: true,
    run: async (positionals, options) => {
      if (positionals.length > 0) throw new UsageError('status takes no name')
      return (await import('./operation/status.js')).status(options)
    }
  },
  on: switching('on', 'on', 'Switches an endpoint on.'),
  off: switching('off', 'off', 'Switches an endpoint off: it gets no messages until it is switched on.'),
  drain: switching('drain', 'draining', 'Drains an endpoint: it gets messages of its sessions only.'),
  sessions: {
    usage: 'sessions [GROUP]',
    description: 'Shows how many sessions each member of a group has; looks sessions up, and releases them.',
    options: {
      ...CHANGING,
      lookup: {
        description: 'Prints the member that the session is bound to, whose id is read from standard input.'
      },
      release: { description: 'Releases the session whose id is read from standard input.' },
      'release-all': { value: 'MEMBER', description: 'Releases all sessions of a member.' },
      if: {
        value: 'STATE',
        description: 'Releases only if the session has this member, or, with --release-all, the member this state.'
      },
      json: { description: 'Prints JSON: { groups }, as the admin API lists them.' }
    },
    hasVariables: true,
    notes: [
      'A released session starts over with its next message. In groups with a session store, counts are those that',
      'the gateway has seen, and sessions are released for all gateways.'
    ],
    run: async (positionals, options) => {
      if (positionals.length > 1) throw new UsageError('sessions takes one group')
      return (await import('./operation/sessions.js')).sessions(positionals[0], options)
    }
  },
  reload: {
    usage: 'reload',
    description: 'Makes a running gateway read its configuration and its certificates again.',
    options: CHANGING,
    hasVariables: true,
    notes: ['The exit code is 1 if the reload was refused: then all problems are printed, and nothing has changed.'],
    run: async (positionals, options) => {
      if (positionals.length > 0) throw new UsageError('reload takes no name')
      return (await import('./operation/request-reload.js')).requestReload(options)
    }
  },
  'log-level': {
    usage: 'log-level [LEVEL]',
    description: 'Shows the log level of a running gateway, or changes it until the gateway ends.',
    options: CHANGING,
    hasVariables: true,
    notes: [`LEVEL is ${LOG_LEVELS.join(', ')}.`],
    run: async (positionals, options) => {
      if (positionals.length > 1) throw new UsageError('log-level takes one level')
      return (await import('./operation/status.js')).logLevel(positionals[0], options)
    }
  },
  demo: {
    usage: 'demo',
    description: 'Runs three back-ends, two proxies and a hundred requests on this machine.',
    options: { keep: { description: 'Keeps everything running afterwards, until Ctrl+C.' } },
    run: async (_positionals, { keep }) =>
      (await import('./demo.js')).demo({ keep: keep === true, out: line => console.log(line) })
  },
  'sample-backend': {
    usage: 'sample-backend',
    description: 'Runs one back-end with the services LBService1 and SimpleStockQuoteService.',
    options: {
      port: { value: 'PORT', description: 'Default: 9001.' },
      name: { value: 'NAME', description: 'The name that its responses contain. Default: MyServer1.' },
      host: { value: 'ADDRESS', description: 'The address to listen at. Default: 0.0.0.0.' }
    },
    run: async (_positionals, { port, name, host }) => {
      const { sampleBackend } = await import('./sample-backend.js')
      await sampleBackend({
        port: port === undefined ? 9001 : parsePort(String(port), 'port'),
        name: String(name ?? 'MyServer1'),
        host: String(host ?? '0.0.0.0')
      })
      return 0
    }
  }
}
