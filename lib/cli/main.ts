import { COMMANDS } from './commands.js'
import { runCommand } from './command-line/run-command.js'

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
    console.log((await import('../../plugins/package/version.js')).version)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    console.error(`unknown command "${name}"\n\n${help()}`)
    return 2
  }
  return await runCommand(command, rest)
}

function help (): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length))
  return [
    'proxy-services: a reverse proxy with sticky sessions and failover, configured by Synapse XML or JSON', '',
    ...Object.values(COMMANDS).map(({ usage, description }) =>
      `  proxy-services ${usage.padEnd(width)}  ${description}`), '',
    'proxy-services COMMAND --help explains the options of a command.'
  ].join('\n')
}
