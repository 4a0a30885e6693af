/** A mistake in how a command was called, reported without a stack trace. */
export class UsageError extends Error {}

/** One option of a command. `value` names its argument; without it, the option is a switch. */
export interface Option { readonly value?: string, readonly description: string }
export type Options = Readonly<Record<string, Option>>
export type ParsedOptions = Readonly<Record<string, string | boolean | undefined>>

/** One command of the binary. */
export interface Command {
  readonly usage: string
  readonly description: string
  readonly options: Options
  /** Whether each option can also be set by an environment variable. */
  readonly hasVariables?: boolean
  /** Examples or remarks below the options. */
  readonly notes?: readonly string[]
  /** @returns The exit code. */
  readonly run: (positionals: readonly string[], options: ParsedOptions) => Promise<number>
}

/** The environment variable of an option: PROXY_SERVICES_ADMIN_PORT for `--admin-port`. */
export const variableOf = (option: string): string => `PROXY_SERVICES_${option.toUpperCase().replaceAll('-', '_')}`

/** The value of an option, else of its environment variable; undefined where neither is set. */
export function setting (options: ParsedOptions, name: string): string | undefined {
  const value = options[name]
  return value !== undefined ? String(value) : process.env[variableOf(name)] || undefined
}

export const isOn = (options: ParsedOptions, name: string): boolean =>
  /^(true|1|yes|on)$/i.test(setting(options, name) ?? '')

/** @throws UsageError for a text that is not a port */
export function portOf (text: unknown, option: string): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new UsageError(`--${option} expects a port, not "${String(text)}"`)
  }
  return port
}

/** @throws UsageError for a text that is not a number of milliseconds that a timer can wait */
export function millisecondsOf (text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const duration = Number(text)
  if (text.trim() === '' || !Number.isInteger(duration) || duration < 0 || duration >= 2 ** 31) {
    throw new UsageError(`--${option} expects milliseconds, not "${text}"`)
  }
  return duration
}

/** The name servers for dynamic groups. Undefined: those of the system. */
export const dnsServersOf = (options: ParsedOptions): readonly string[] | undefined =>
  setting(options, 'dns-servers')?.split(/[\s,]+/).filter(Boolean)

/** The help of one command: usage, description, and each option with its environment variable. */
export function helpOf ({ usage, description, options, hasVariables = false, notes = [] }: Command): string {
  const rows = Object.entries(options).map(([name, { value, description }]): [string, string] =>
    [`--${name}${value === undefined ? '' : ` ${value}`}`,
      `${description}${hasVariables ? ` [${variableOf(name)}]` : ''}`])
  const all: [string, string][] = [...rows, ['-h, --help', 'Prints this help.']]
  const width = Math.max(...all.map(([option]) => option.length))
  return [
    `Usage: proxy-services ${usage}`, '', description, '', 'Options:',
    ...all.map(([option, text]) => `  ${option.padEnd(width)}  ${text}`),
    ...hasVariables
      ? ['', 'The names in brackets are environment variables. An option takes precedence over its variable.']
      : [],
    ...notes.length > 0 ? ['', ...notes] : []
  ].join('\n')
}
