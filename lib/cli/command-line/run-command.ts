import { parseArgs } from 'node:util'
import { ConfigurationError } from '../../definitions/model/problem.js'
import { helpOf, UsageError, type Command, type ParsedOptions } from './usage.js'

/**
 * Runs a command with these words after its name. Errors are printed as plain lines.
 * @returns The exit code: 0, 1 for a failure, 2 for wrong usage.
 */
export async function runCommand (command: Command, words: readonly string[]): Promise<number> {
  try {
    const {
      values, positionals
    } = parseArgs({ args: [...words], options: parserOptionsOf(command), allowPositionals: true })
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
  const { message, code, path } = unwrapFileError(error as NodeJS.ErrnoException)
  if (code === 'ENOENT') return `${path}: no such file or folder`
  if (code === 'EACCES' && path !== undefined) return `${path}: permission denied`
  return `${message.split('\n', 1)[0]}${isUsage(error) ? `\nusage: proxy-services ${command.usage}` : ''}`
}

/** The plugin wraps errors of the file system. */
const unwrapFileError = (error: NodeJS.ErrnoException): NodeJS.ErrnoException =>
  error.code === 'PROXY_SERVICES_UNREADABLE_CONFIGURATION' ? error.cause as NodeJS.ErrnoException : error
