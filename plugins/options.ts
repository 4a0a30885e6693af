import type { BuildableKinds } from '../lib/compile.js'
import type { Definitions } from '../lib/definitions/model.js'
import type { Limits } from './wire/limits.js'

/** What the plugin may be told. One of `config` and `definitions` is needed. */
export interface ProxyServicesOptions {
  /** A file (XML or JSON), or a folder: its own files and those of Synapse's layout. Relative to the working folder. */
  config?: string
  /** The model itself, or a text that says it, as XML or JSON. */
  definitions?: Definitions | string
  /** What relative `file:` addresses in `definitions` are relative to. Default: the working folder. */
  folder?: string
  /** Before `/services/NAME`. Fastify's own option of this name. */
  prefix?: string
  /** The address under which clients reach this app, for WSDLs: `https://api.example.org/base`. Default: what the request says. */
  publicUrl?: string
  /** True: what cannot be built is left out with a warning, as the real engines do. Default: nothing starts. */
  failSafe?: boolean
  /** What one request may take of memory and time. */
  limits?: Partial<Limits>
  /** Kinds of your own, beside ours. */
  kinds?: Partial<BuildableKinds>
}
