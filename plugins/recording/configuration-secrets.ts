import { SecretNames } from '../../lib/redaction/secret-names.js'

/**
 * The names whose values are hidden, by the definitions of a configuration: its session headers are secret, too. Each
 * configuration is read once.
 */
export class ConfigurationSecrets {
  readonly #hide: readonly string[]
  readonly #known = new WeakMap<object, SecretNames>()

  /** @param hide names besides those that look secret */
  constructor (hide: readonly string[]) {
    this.#hide = hide
  }

  of (definitions: object): SecretNames {
    let names = this.#known.get(definitions)
    if (names === undefined) {
      names = new SecretNames([...this.#hide, ...sessionHeadersIn(definitions)])
      this.#known.set(definitions, names)
    }
    return names
  }
}

/** Headers that name sessions in a configuration: ids of sessions are as secret as passwords. */
function sessionHeadersIn (definitions: object): Set<string> {
  const names = new Set<string>()
  collect(definitions, names)
  return names
}

function collect (value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  if ('session' in value) {
    const { session } = value
    const isHeader = typeof session === 'object' && session !== null && 'kind' in session && session.kind === 'header'
    if (isHeader && 'name' in session && typeof session.name === 'string') names.add(session.name)
  }
  for (const each of Object.values(value)) collect(each, names)
}
