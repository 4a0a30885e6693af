import { SERVE_SETTINGS } from '../../lib/cli/serve-settings.js'
import type { Settings } from '../../lib/cli/setting.js'
import { variableOf } from '../../lib/cli/usage.js'
import { LIMIT_DESCRIPTIONS } from '../../plugins/http/limits.js'

/** The tables of documents that are made of the code, by name; without their heading rows. */
export const documentTables = (): Readonly<Record<string, readonly string[]>> => ({
  flags: Object.entries<Settings[string]>(SERVE_SETTINGS).map(([flag, { value, defaultText, description }]) =>
    row(
      `\`--${flag}${value === undefined ? '' : ` ${value.replaceAll('|', '\\|')}`}\``,
      `\`${variableOf(flag)}\``,
      defaultText,
      description
    )
  ),
  limits: Object.entries(LIMIT_DESCRIPTIONS).map(([name, { default: value, description }]) =>
    row(`\`${name}\``, String(value), description)
  )
})

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
