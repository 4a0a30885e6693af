import { parseArgs } from 'node:util'
import { ConfigurationError } from '../definitions/problem.js'
import { COMMANDS } from './commands.js'
import { UsageError, type Command, type ParsedOptions } from './usage.js'

/** Runs one command. Whatever goes wrong is one or more plain lines. @returns the exit code: 0, 1 if it failed, 2 if it was not understood */
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
    console.error(`there is no command "${name}"\n\n${help()}`)
    return 2
  }
  try {
    const { values, positionals } = parseArgs({ args: [...rest], options: { ...command.options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true })
    if (values['help'] === true) {
      console.log(`proxy-services ${command.usage}\n  ${command.description}\n\n  ${Object.keys(command.options).map(option => `--${option}`).join('  ')}`)
      return 0
    }
    return await command.run(positionals, values as ParsedOptions)
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
  ...Object.values(COMMANDS).map(({ usage, description: about }) => `  proxy-services ${usage.padEnd(48)} ${about}`),
  '', 'proxy-services COMMAND --help names its options.'].join('\n')
