import { SERVE_SETTINGS } from './serve-settings.js'
import type { Settings } from '../command-line/setting.js'
import { CONFIGURATION, one, type Command, type Options } from '../command-line/usage.js'

/** The default follows the description. */
const withDefaults = (settings: Settings): Options =>
  Object.fromEntries(
    Object.entries(settings).map(([flag, { value, description, defaultText }]) => [
      flag,
      { ...(value !== undefined && { value }), description: `${description} Default: ${defaultText}.` }
    ])
  )

/** Returns `serve`. @param load loads what it runs */
export const serveCommand = (load: () => Promise<typeof import('./serve.js')>): Command => ({
  usage: `serve ${CONFIGURATION}`,
  description: 'Runs the proxies of a configuration.',
  options: withDefaults(SERVE_SETTINGS),
  hasVariables: true,
  run: async (positionals, options) => await (await load()).serve(one(positionals, 'serve'), options)
})
