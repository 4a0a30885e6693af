import type { ParseArgsConfig } from 'node:util'

/** Something the user got wrong, told without a stack trace. */
export class UsageError extends Error {}

export type Options = NonNullable<ParseArgsConfig['options']>
export type ParsedOptions = Readonly<Record<string, string | boolean | undefined>>

/** One command of the binary. */
export interface Command {
  readonly usage: string
  readonly description: string
  readonly options: Options
  /** @returns the exit code */
  readonly run: (positionals: readonly string[], given: ParsedOptions) => Promise<number>
}

/** The environment variable that stands behind a flag: PROXY_SERVICES_ADMIN_PORT behind `--admin-port`. */
export const variableOf = (flag: string): string => `PROXY_SERVICES_${flag.toUpperCase().replaceAll('-', '_')}`

/** What a flag says, else its environment variable; undefined: neither. */
export function setting (given: ParsedOptions, flag: string): string | undefined {
  const said = given[flag]
  return said !== undefined ? String(said) : process.env[variableOf(flag)] || undefined
}

export const isOn = (given: ParsedOptions, flag: string): boolean => /^(true|1|yes|on)$/i.test(setting(given, flag) ?? '')

/** @throws UsageError if it is no port */
export function portOf (text: unknown, option: string): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError(`--${option} expects a port, not "${String(text)}"`)
  return port
}

/** @throws UsageError if it is no number of milliseconds that a timer can wait */
export function millisecondsOf (text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const duration = Number(text)
  if (text.trim() === '' || !Number.isInteger(duration) || duration < 0 || duration >= 2 ** 31) throw new UsageError(`--${option} expects milliseconds, not "${text}"`)
  return duration
}

/** Whom dynamic groups ask for their members; undefined: those of the system. */
export const dnsServersOf = (given: ParsedOptions): readonly string[] | undefined => setting(given, 'dns-servers')?.split(/[\s,]+/).filter(Boolean)
