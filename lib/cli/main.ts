import { parseArgs } from 'node:util'
import { ConfigurationError } from '../definitions/problem.js'
import { COMMANDS } from './commands.js'
import { helpOf, UsageError, type Command, type ParsedOptions } from './usage.js'

/**
 * Runs one command. Errors are printed as plain lines.
 * @returns The exit code: 0, 1 for a failure, 2 for wrong usage.
 */
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
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    console.error(`unknown command "${name}"\n\n${help()}`)
    return 2
  }
  try {
    const {
      values, positionals
    } = parseArgs({ args: [...rest], options: parserOptionsOf(command), allowPositionals: true })
    if (values['help'] === true) {
      console.log(helpOf(command))
      return 0
    }
    return await command.run(positionals, values as ParsedOptions)
  } catch (error) {
    console.error(describe(error, command))
    return isUsage(error) ? 2 : 1
  }
}

const parserOptionsOf = ({ options }: Command) => ({
  ...Object.fromEntries(Object.entries(options).map(([name, { value }]) =>
    [name, { type: value === undefined ? 'boolean' as const : 'string' as const }])),
  help: { type: 'boolean' as const, short: 'h' }
})

const isUsage = (error: unknown): boolean =>
  error instanceof UsageError || String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS')

function describe (error: unknown, command: Command): string {
  if (error instanceof ConfigurationError) return error.message
  const { message, code, path } = reasonOf(error as NodeJS.ErrnoException)
  if (code === 'ENOENT') return `${path}: no such file or folder`
  if (code === 'EACCES' && path !== undefined) return `${path}: permission denied`
  return `${message.split('\n', 1)[0]}${isUsage(error) ? `\nusage: proxy-services ${command.usage}` : ''}`
}

/** The plugin wraps errors of the file system. */
const reasonOf = (error: NodeJS.ErrnoException): NodeJS.ErrnoException =>
  error.code === 'PROXY_SERVICES_UNREADABLE_CONFIGURATION' ? error.cause as NodeJS.ErrnoException : error

function help (): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length))
  return [
    'proxy-services: a reverse proxy with sticky sessions and failover, configured by Synapse XML or JSON', '',
    ...Object.values(COMMANDS).map(({ usage, description }) =>
      `  proxy-services ${usage.padEnd(width)}  ${description}`), '',
    'proxy-services COMMAND --help explains the options of a command.'
  ].join('\n')
}
