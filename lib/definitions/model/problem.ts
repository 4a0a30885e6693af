import createError, { type FastifyErrorConstructor } from '@fastify/error'
import type { ProblemCode } from '../../contracts/problem-code.js'
import { LineStarts } from '../../xml/line-starts.js'

/** A text that a configuration was read from. Offsets count its UTF-16 code units, with line ends made `\n`. */
export interface SourceText {
  readonly file: string
  readonly text: string
}

/** One artefact of a configuration. `none`: not an artefact, since it could not be read or its name is taken. */
export interface ArtefactName {
  readonly category:
    'proxies' | 'apis' | 'sequences' | 'endpoints' | 'localEntries' | 'templates' |
    'defaults' | 'json' | 'registry' | 'none'
  readonly name: string
}

/** Where a part of a configuration was read from. */
export interface SourceLocation {
  readonly source: SourceText
  readonly offset: number
  /** Definitions that are an object have paths in place of lines: `proxies.A.in[0]`. */
  readonly path?: string | undefined
  /** The artefact that it belongs to. */
  readonly artefact?: ArtefactName | undefined
  /** A problem inside of it is reported already: problems that follow from that one are not. */
  readonly damaged?: boolean
}

/** The location of each object of a configuration. */
export type SourceLocations = WeakMap<object, SourceLocation>

/**
 * A finding. `error`: the configuration cannot run. `warning`: messages fail or behave differently there. `hint`:
 * ignored.
 */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'hint'
  readonly code: ProblemCode
  readonly message: string
  /** What to do instead. */
  readonly hint?: string | undefined
  /** The artefact that cannot be built. Undefined: the whole configuration. */
  readonly artefact?: ArtefactName | undefined
  readonly file: string
  /** In definitions that are an object: `proxies.A.in[0]`. */
  readonly path?: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

/** A problem at a location; without one, at the start of the configuration. */
export function problemAt (
  location: SourceLocation | undefined,
  code: ProblemCode,
  text: string,
  hint?: string,
  severity: Problem['severity'] = 'error'
): Problem {
  const message = onOneLine(text)
  if (location === undefined) return { severity, code, message, hint, file: '(configuration)', line: 1, column: 1 }
  const { source, offset, artefact, path } = location
  const position = positionOf(source, offset)
  return {
    severity,
    code,
    message,
    hint,
    artefact,
    file: source.file,
    ...(path !== undefined && { path }),
    ...position
  }
}

/** A problem of a whole file or folder. */
export const problemOfFile = (
  file: string,
  code: ProblemCode,
  message: string,
  hint?: string,
  severity: Problem['severity'] = 'error'
): Problem => ({
  severity,
  code,
  artefact: { category: 'none', name: file },
  file,
  line: 1,
  column: 1,
  message,
  hint
})

const LINES = new WeakMap<SourceText, LineStarts>()

function linesOf (source: SourceText): LineStarts {
  let lines = LINES.get(source)
  if (lines === undefined) {
    lines = new LineStarts(from => source.text.indexOf('\n', from))
    LINES.set(source, lines)
  }
  return lines
}

/** The line and column of an offset. */
export function positionOf (source: SourceText, offset: number): { line: number; column: number } {
  const lines = linesOf(source)
  const line = lines.lineOf(offset)
  return { line, column: offset - lines.startOf(line) + 1 }
}

/** Replaces line breaks and control characters, which a quoted name may contain, and limits the length. */
const onOneLine = (text: string): string => {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE - 1)}…`
}
const MAX_MESSAGE = 400

/** `file:line:column message (hint)`, or `definitions.path message (hint)` */
export function formatProblem ({ file, line, column, path, severity, message, hint }: Problem): string {
  const where = path === undefined ? `${file}:${line}:${column}` : path === '' ? 'definitions' : `definitions.${path}`
  return `${where} ${severity === 'error' ? '' : `${severity}: `}${message}${hint === undefined ? '' : ` (${hint})`}`
}

/** Typed by name: a bundler finds no namespace in what `createError` returns. */
const FastifyConfigurationError: FastifyErrorConstructor<
  { code: 'PROXY_SERVICES_CONFIGURATION'; statusCode: 500 },
  [text: string]
> = createError('PROXY_SERVICES_CONFIGURATION', '%s', 500)

/** A configuration that cannot be used, with all of its problems. An error of Fastify. */
export class ConfigurationError extends FastifyConfigurationError {
  readonly problems: readonly Problem[]
  constructor (problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}
