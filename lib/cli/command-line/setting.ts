import { availableParallelism } from 'node:os'
import { UsageError, variableValue, type Option, type ParsedOptions } from './usage.js'

/** One option of `serve` with its type: a flag, an environment variable, and what its text means. */
export interface Setting<T = unknown> extends Option {
  /** What holds where it is not set, as the help and the documents show it. */
  readonly defaultText: string
  /** Whether its value is a secret, or may contain one. */
  readonly isSecret?: boolean
  /** @throws UsageError for a text that is invalid */
  readonly parse: (text: string, flag: string) => T
}
export type Settings = Readonly<Record<string, Setting>>

/** The values of settings that are set. */
export type SettingValues<S extends Settings> = { readonly [flag in keyof S]?: ReturnType<S[flag]['parse']> }

/** Where the value of a setting comes from. */
export type SettingSource = 'flag' | 'environment' | 'default'

const MAX_PROCESSES = 256

/** A setting that is on or off; the flag alone switches it on. */
export const onOff = (description: string): Setting<boolean> => ({
  description,
  defaultText: 'off',
  parse: text => /^(true|1|yes|on)$/i.test(text)
})

const setting =
  <T>(value: string, parse: Setting<T>['parse']) =>
    (defaultText: string, description: string): Setting<T> => ({ value, defaultText, description, parse })

export const text = (value: string, defaultText: string, description: string): Setting<string> => ({
  value,
  defaultText,
  description,
  parse: given => given
})

/** A text that is shown in no output. */
export const secret = (value: string, defaultText: string, description: string): Setting<string> => ({
  ...text(value, defaultText, description),
  isSecret: true
})

export const oneOf = <const T extends string>(
  choices: readonly T[],
  defaultText: T,
  description: string
): Setting<T> => ({
    value: choices.join('|'),
    defaultText,
    description,
    parse (given, flag) {
      const found = choices.find(each => each === given)
      if (found === undefined) throw new UsageError(`--${flag} expects ${listed(choices)}, not "${given}"`)
      return found
    }
  })

const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

/** Texts separated by commas or blanks. */
export const list = setting('LIST', given => given.split(/[\s,]+/).filter(Boolean))

/** Paths separated by commas. */
export const files = setting('FILES', given =>
  given
    .split(',')
    .map(each => each.trim())
    .filter(Boolean)
)

export const port = setting('PORT', parsePort)

/** A port, or the word `off`. */
export const portOrOff = setting('PORT', (given: string, flag: string) =>
  given === 'off' ? ('off' as const) : parsePort(given, flag)
)

/** A number of processes, or `auto`: one for each core. */
export const processes = setting('N|auto', (given: string, flag: string) => {
  const number = given === 'auto' ? availableParallelism() : Number(given)
  if (!Number.isInteger(number) || number < 1 || number > MAX_PROCESSES) {
    throw new UsageError(`--${flag} expects a number from 1 to ${MAX_PROCESSES}, or auto, not "${given}"`)
  }
  return number
})

export const milliseconds = setting('MS', millisecondsOf)

export const count = setting('N', (given: string, flag: string) => {
  if (!/^\d{1,15}$/.test(given)) throw new UsageError(`--${flag} expects a whole number, not "${given}"`)
  return Number(given)
})

export const positiveCount = setting('N', (given: string, flag: string) => {
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new UsageError(`--${flag} expects a whole number above 0, not "${given}"`)
  return Number(given)
})

/** A count, or `none`: no limit. */
export const countOrNone = setting('N', (given: string, flag: string) =>
  given === 'none' ? null : count('', '').parse(given, flag)
)

export const positive = setting('N', (given: string, flag: string) => {
  const number = Number(given)
  if (!(number > 0)) throw new UsageError(`--${flag} expects a number above 0, not "${given}"`)
  return number
})

/** A number from 0 to 1. */
export const share = setting('N', (given: string, flag: string) => {
  const number = Number(given)
  if (given.trim() === '' || !(number >= 0 && number <= 1)) {
    throw new UsageError(`--${flag} expects a number from 0 to 1, not "${given}"`)
  }
  return number
})

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

/** Bytes, also as `64K`, `10M`, `1G` (powers of 1024). */
export const bytes = setting('BYTES', (given: string, flag: string) => {
  const [, number, unit] = /^(\d{1,15})([KMG]?)$/i.exec(given) ?? []
  if (number === undefined) {
    throw new UsageError(`--${flag} expects bytes like 65536, 64K, 10M or 1G, not "${given}"`)
  }
  return Number(number) * UNITS[unit!.toUpperCase()]!
})

/** @throws UsageError for a text that is not a port */
export function parsePort (given: string, flag: string): number {
  const number = Number(given)
  if (given.trim() === '' || !Number.isInteger(number) || number < 0 || number > 65535) {
    throw new UsageError(`--${flag} expects a port, not "${given}"`)
  }
  return number
}

/** @throws UsageError for a text that is not a number of milliseconds that a timer can wait */
function millisecondsOf (given: string, flag: string): number {
  const duration = Number(given)
  if (given.trim() === '' || !Number.isInteger(duration) || duration < 0 || duration >= 2 ** 31) {
    throw new UsageError(`--${flag} expects milliseconds, not "${given}"`)
  }
  return duration
}

/**
 * Reads settings from flags, and from the environment where there is no flag.
 * @throws UsageError for the first value that is invalid
 */
export function readSettings<S extends Settings> (
  settings: S,
  options: ParsedOptions,
  environment: NodeJS.ProcessEnv = process.env
): { values: SettingValues<S>; sourceOf: (flag: string) => SettingSource } {
  const given = (flag: string): string | undefined => {
    const value = options[flag]
    return value !== undefined ? String(value) : variableValue(flag, environment)
  }
  const values: Record<string, unknown> = {}
  for (const [flag, { parse }] of Object.entries(settings)) {
    const word = given(flag)
    if (word !== undefined) values[flag] = parse(word, flag)
  }
  return {
    values: values as SettingValues<S>,
    sourceOf: flag => (options[flag] !== undefined ? 'flag' : given(flag) !== undefined ? 'environment' : 'default')
  }
}
