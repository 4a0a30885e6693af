import { parseArgs, type ParseArgsConfig } from 'node:util'
import { ConfigurationError } from '../definitions/problem.js'

/** Something the user got wrong, told without a stack trace. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>
export type Given = Readonly<Record<string, string | boolean | undefined>>

/** One command of the binary. Modules are loaded when their command runs. */
interface Command {
  readonly usage: string
  readonly about: string
  readonly options: Options
  /** @returns the exit code */
  readonly run: (positionals: readonly string[], given: Given) => Promise<number>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    usage: 'serve <file.xml | file.json | folder>',
    about: 'run the proxy services of a configuration',
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'https-port': { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      'admin-port': { type: 'string' },
      'admin-host': { type: 'string' },
      'public-url': { type: 'string' },
      'trust-proxy': { type: 'boolean' },
      'fail-safe': { type: 'boolean' },
      'log-level': { type: 'string' },
      'access-log': { type: 'boolean' }
    },
    run: async (positionals, given) => (await import('./serve.js')).serve(one(positionals, 'serve'), given)
  },
  check: {
    usage: 'check <file.xml | file.json | folder>',
    about: 'say everything that is wrong with a configuration',
    options: {},
    run: async positionals => (await import('./check.js')).check(one(positionals, 'check'))
  },
  convert: {
    usage: 'convert <…> --to json|xml',
    about: 'print a configuration in the other language',
    options: { to: { type: 'string' } },
    run: async (positionals, { to }) => (await import('./convert.js')).convert(one(positionals, 'convert'), String(to ?? ''))
  },
  explain: {
    usage: 'explain <…> --proxy NAME [--request FILE]',
    about: 'say whom a proxy would ask, in order, and what the client would get',
    options: { proxy: { type: 'string' }, request: { type: 'string' } },
    run: async (positionals, { proxy, request }) => (await import('./explain.js')).explain(one(positionals, 'explain'), proxy as string | undefined, request as string | undefined)
  },
  demo: {
    usage: 'demo [--keep]',
    about: 'three back-ends, two proxies and a hundred requests',
    options: { keep: { type: 'boolean' } },
    run: async (_positionals, { keep }) => (await import('./demo.js')).demo({ keep: keep === true, out: line => console.log(line) })
  },
  backend: {
    usage: 'backend --port 9001 --name MyServer1',
    about: 'one sample back-end (LBService1, SimpleStockQuoteService)',
    options: { port: { type: 'string' }, name: { type: 'string' }, host: { type: 'string' } },
    run: async (_positionals, { port, name, host }) => {
      await (await import('./backend.js')).backend({ port: portOf(port, 'port') ?? 9001, name: String(name ?? 'MyServer1'), host: String(host ?? '0.0.0.0') })
      return 0
    }
  }
}

/** Runs one command. Whatever goes wrong is one or more plain lines. @returns the exit code */
export async function main (words: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = words
  if (name === 'help' || name === '--help' || name === '-h') {
    console.log(help())
    return 0
  }
  if (name === '--version' || name === 'version') {
    console.log((await import('./version.js')).version())
    return 0
  }
  const command = COMMANDS[name]
  if (command === undefined) {
    console.error(`there is no command "${name}"\n\n${help()}`)
    return 2
  }
  try {
    const { values, positionals } = parseArgs({ args: [...rest], options: { ...command.options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true })
    if (values['help'] === true) {
      console.log(`proxy-services ${command.usage}\n  ${command.about}\n\n  ${Object.keys(command.options).map(option => `--${option}`).join('  ')}`)
      return 0
    }
    return await command.run(positionals, values as Given)
  } catch (error) {
    console.error(told(error, command))
    return error instanceof UsageError || isUsage(error) ? 2 : 1
  }
}

const isUsage = (error: unknown): boolean => String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS')

function told (error: unknown, command: Command): string {
  if (error instanceof ConfigurationError) return error.message
  const { message, code, path } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return `${path}: no such file or folder`
  if (code === 'EACCES' && path !== undefined) return `${path}: may not be read`
  return `${message.split('\n', 1)[0]}${error instanceof UsageError || isUsage(error) ? `\nusage: proxy-services ${command.usage}` : ''}`
}

const help = (): string => ['proxy-services: load-balanced proxy services', '',
  ...Object.values(COMMANDS).map(({ usage, about }) => `  proxy-services ${usage.padEnd(48)} ${about}`),
  '', 'proxy-services COMMAND --help names its options.'].join('\n')

function one (positionals: readonly string[], command: string): string {
  if (positionals.length !== 1) throw new UsageError(`${command} takes one file or folder`)
  return positionals[0]!
}

/** @throws UsageError if it is no port */
export function portOf (text: unknown, option: string): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError(`--${option} expects a port, not "${String(text)}"`)
  return port
}
