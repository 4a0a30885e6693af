/** A mistake in how a command was called, reported without a stack trace. */
export class UsageError extends Error {}

/** One option of a command. `value` names its argument; without it, the option is a switch. */
export interface Option {
  readonly value?: string
  readonly description: string
}
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

/** What Kubernetes sets `PROXY_SERVICES_PORT` to in each pod beside a Service called `proxy-services`. */
const SERVICE_LINK = /^(?:tcp|udp|sctp):\/\//

/** The variable of an option. An empty one, and one that Kubernetes made for a Service, count as missing. */
export function variableValue (option: string, environment: NodeJS.ProcessEnv): string | undefined {
  const value = environment[variableOf(option)] || undefined
  return value !== undefined && SERVICE_LINK.test(value) ? undefined : value
}

/** The variables of options that Kubernetes has made for a Service, and that count as missing. */
export const serviceVariables = (options: readonly string[], environment: NodeJS.ProcessEnv): string[] =>
  options.map(variableOf).filter(name => SERVICE_LINK.test(environment[name] ?? ''))

/** The value of an option, else of its environment variable; undefined where neither is set. */
export function setting (options: ParsedOptions, name: string): string | undefined {
  const value = options[name]
  return value !== undefined ? String(value) : variableValue(name, process.env)
}

/** The name servers for dynamic groups. Undefined: those of the system. */
export const dnsServersOf = (options: ParsedOptions): readonly string[] | undefined =>
  setting(options, 'dns-servers')
    ?.split(/[\s,]+/)
    .filter(Boolean)

/** The help of one command: usage, description, and each option with its environment variable. */
export function helpOf ({ usage, description, options, hasVariables = false, notes = [] }: Command): string {
  const rows = Object.entries(options).map(([name, { value, description }]): [string, string] => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    `${description}${hasVariables ? ` [${variableOf(name)}]` : ''}`
  ])
  const all: [string, string][] = [...rows, ['-h, --help', 'Prints this help.']]
  const width = Math.max(...all.map(([option]) => option.length))
  return [
    `Usage: proxy-services ${usage}`,
    '',
    description,
    '',
    'Options:',
    ...all.map(([option, text]) => `  ${option.padEnd(width)}  ${text}`),
    ...(hasVariables
      ? ['', 'The names in brackets are environment variables. An option takes precedence over its variable.']
      : []),
    ...(notes.length > 0 ? ['', ...notes] : [])
  ].join('\n')
}

/** What most commands take. */
export const CONFIGURATION = '<file.xml | file.json | folder>'

/** Returns the only positional of a command. @throws UsageError where there are none or more */
export function one (positionals: readonly string[], command: string, what = 'one file or folder'): string {
  if (positionals.length !== 1) throw new UsageError(`${command} takes ${what}`)
  return positionals[0]!
}
