/** A text that a configuration was read from; offsets count in it. */
export interface SourceText { readonly file: string, readonly text: string }

/** A part of a configuration that can be left out. `none`: it is no part, since it could not be read or its name was taken. */
export interface ArtefactName { readonly category: 'proxies' | 'sequences' | 'endpoints' | 'localEntries' | 'templates' | 'defaults' | 'none', readonly name: string }

/** Where something stands. */
export interface SourceLocation {
  readonly source: SourceText
  readonly offset: number
  /** What it belongs to. */
  readonly artefact?: ArtefactName | undefined
  /** Something in it could not be read, and was told: what follows from that is not told again. */
  readonly damaged?: boolean
}

/** Where each object of a configuration was read from. */
export type SourceLocations = WeakMap<object, SourceLocation>

/** What is wrong with a configuration (error), makes messages fail in it (warning), or has no effect in it (hint). */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'hint'
  readonly message: string
  /** What to do instead. */
  readonly hint?: string | undefined
  /** What it spoils; undefined: everything. */
  readonly artefact?: ArtefactName | undefined
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

export function problemAt (origin: SourceLocation | undefined, said: string, hint?: string, severity: Problem['severity'] = 'error'): Problem {
  const message = onOneLine(said)
  if (origin === undefined) return { severity, message, hint, file: '(configuration)', line: 1, column: 1 }
  const before = origin.source.text.slice(0, origin.offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { severity, message, hint, artefact: origin.artefact, file: origin.source.file, line: before.split('\n').length, column: origin.offset - lineStart + 1 }
}

/** What a message quotes may be anything: it stays one line of bounded length. */
const onOneLine = (text: string): string => {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE - 1)}…`
}
const MAX_MESSAGE = 400

/** `file:line:column message (hint)` */
export const formatProblem = ({ file, line, column, severity, message, hint }: Problem): string =>
  `${file}:${line}:${column} ${severity === 'hint' ? 'hint: ' : ''}${message}${hint === undefined ? '' : ` (${hint})`}`

/** A configuration that cannot be used, with everything that is wrong with it. */
export class ConfigurationError extends Error {
  readonly code = 'PROXY_SERVICES_CONFIGURATION'
  readonly problems: readonly Problem[]
  constructor (problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}
