import { redactUrl } from '../../message/redact-url.js'
import type { SettingSource, Settings } from '../command-line/setting.js'
import { variableOf } from '../command-line/usage.js'

/** One setting as `--print-config` shows it. */
interface EffectiveSetting {
  readonly value: unknown
  readonly source: SettingSource
  readonly variable: string
}

/** Every setting with its value and where that comes from. Secrets are `***`; defaults are texts of the help. */
export function effectiveConfiguration (
  settings: Settings,
  values: Readonly<Record<string, unknown>>,
  sourceOf: (flag: string) => SettingSource
): Record<string, EffectiveSetting> {
  return Object.fromEntries(
    Object.entries(settings).map(([flag, { defaultText, isSecret = false }]) => {
      const value = values[flag]
      const shown = value === undefined ? defaultText : isSecret ? '***' : redacted(value)
      return [flag, { value: shown, source: sourceOf(flag), variable: variableOf(flag) }]
    })
  )
}

const redacted = (value: unknown): unknown => (typeof value === 'string' ? redactUrl(value) : value)
