import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { FOLDERS } from '../../../lib/definitions/files/configuration-files.js'
import { ConfigurationError, type Problem } from '../../../lib/definitions/model/problem.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { CallerRights } from '../access/caller-rights.js'
import { By, ByQuery, handChangeEntry, logHandChange } from '../contract/hand-change.js'
import { HttpError } from '../contract/http-error.js'
import type { Journal } from '../journal/journal.js'
import { Nullable } from '../contract/schemas.js'
import { hashOf, type FileChanges } from '../project/project-files.js'
import type { Project } from '../project/project.js'

/** Bytes of a request with changes. */
const MAX_CHANGES = 4 * 1024 * 1024
/** How long an unconfirmed configuration may run. */
const MAX_MINUTES = 60
const MINUTE = 60_000

const Files = Type.Record(
  Type.String({ maxLength: 4096 }),
  Type.Object({
    text: Nullable(Type.String()),
    was: Nullable(Type.String({ pattern: '^[0-9a-f]{64}$' }))
  }),
  { minProperties: 1, maxProperties: 200, description: 'New texts by file, null removes; and the hash that it had.' }
)
const CheckBody = Type.Object({ files: Files })
const ConvertBody = Type.Object({
  file: Type.String({ maxLength: 4096, description: 'Its name, for problems.' }),
  text: Type.String({ description: 'XML, which becomes JSON; or JSON, which becomes XML.' })
})
const ApplyBody = Type.Object({
  files: Files,
  how: Type.Union([Type.Literal('try'), Type.Literal('save')]),
  minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: MAX_MINUTES, description: 'Default: 5' })),
  by: By
})
const ArchiveQuery = Type.Object({
  as: Type.Optional(
    Type.Union([Type.Literal('asIs'), Type.Literal('json'), Type.Literal('xml')], {
      description: '`asIs`: the files as they lie. `json`, `xml`: all artefacts in one file. Default: asIs'
    })
  )
})
const FileParams = Type.Object({ '*': Type.String({ maxLength: 4096 }) })
const ReloadParams = Type.Object({ number: Type.Integer({ minimum: 1 }) })

export interface ConfigurationRoutesOptions {
  readonly project: Project
  readonly proxyServices: ProxyServices
  readonly journal: Journal
  readonly callers: CallerRights
}

/** The configuration as files that operators check, try, save and go back to. */
export function configurationRoutes (
  app: FastifyInstance,
  { project, proxyServices, journal, callers }: ConfigurationRoutesOptions
): void {
  const seeing = { onRequest: callers.see }
  const changing = { onRequest: callers.edit }
  const summary = (text: string, more: object = {}): { schema: object } => ({ schema: { summary: text, ...more } })

  app.get(
    '/configuration',
    summary('Files, problems and reloads of the configuration.'),
    async request => await overview(project, proxyServices, callers.of(request).maySee === true)
  )
  app.get(
    '/configuration/vocabulary',
    { ...seeing, ...summary('What may be written in the files: elements of XML, and a JSON Schema.') },
    () => project.vocabulary()
  )
  app.get<{ Params: Static<typeof FileParams> }>(
    '/configuration/files/*',
    { ...seeing, ...summary('The text of a file, and its hash.', { params: FileParams }) },
    async request => await project.files.read(request.params['*'])
  )
  app.get<{ Querystring: Static<typeof ArchiveQuery> }>(
    '/configuration/archive',
    { ...seeing, ...summary('The whole project, with the documents that it names.', { querystring: ArchiveQuery }) },
    async ({ query: { as = 'asIs' } }) => {
      const [dispatcher] = proxyServices
      if (dispatcher === undefined) throw new HttpError(409, 'no configuration runs')
      return await project.archive(dispatcher, as)
    }
  )
  app.get<{ Params: Static<typeof ReloadParams> }>(
    '/configuration/reloads/:number',
    { ...seeing, ...summary('The texts that a reload ran.', { params: ReloadParams }) },
    async ({ params: { number } }) => {
      const texts = project.history.textsOf(number)
      if (texts === undefined) throw new HttpError(404, `the texts of reload ${number} are not kept`)
      return { number, files: Object.fromEntries(texts) }
    }
  )
  app.post<{ Body: Static<typeof CheckBody> }>(
    '/configuration/check',
    { ...seeing, bodyLimit: MAX_CHANGES, ...summary('Checks changes without running them.', { body: CheckBody }) },
    async ({ body }) => await project.check(body.files)
  )
  app.post<{ Body: Static<typeof ConvertBody> }>(
    '/configuration/convert',
    { ...seeing, bodyLimit: MAX_CHANGES, ...summary('A configuration in the other language.', { body: ConvertBody }) },
    async ({ body: { file, text } }) => await project.convert(file, text)
  )
  app.post<{ Body: Static<typeof ApplyBody> }>(
    '/configuration/apply',
    {
      ...changing,
      bodyLimit: MAX_CHANGES,
      ...summary('Runs changes for a time, or saves them and reloads.', { body: ApplyBody })
    },
    async ({ body, ip, log }, reply) => {
      const problems = await apply(project, body)
      if (problems.length > 0) {
        return await reply.code(422).send({ Error: 'the configuration has errors: nothing was changed', problems })
      }
      const text = body.how === 'try' ? 'an unconfirmed configuration runs' : 'the configuration was saved'
      journal.add(handChangeEntry('reload', `by hand: ${text}`, { remote: ip, by: body.by }))
      logHandChange(log, text, {
        before: hashesOf(body.files, ({ was }) => was),
        after: hashesOf(body.files, ({ text }) => text === null ? null : hashOf(text)),
        remote: ip,
        by: body.by
      })
      return { unconfirmed: project.unconfirmed ?? null }
    }
  )
  /** Ends the time of the unconfirmed configuration: it is written, or the files run again. */
  const ending = (path: string, text: string, end: () => Promise<void>, after: string): void => {
    app.post<{ Querystring: Static<typeof ByQuery> }>(
      path,
      { ...changing, ...summary(text, { querystring: ByQuery }) },
      async ({ ip: remote, log, query: { by } }) => {
        const before = { unconfirmed: project.unconfirmed?.files ?? [] }
        await end()
        const what = `the unconfirmed configuration is ${after}`
        journal.add(handChangeEntry('reload', `by hand: ${what}`, { remote, by }))
        logHandChange(log, what, { before, after, remote, by })
        return { unconfirmed: null }
      }
    )
  }
  ending('/configuration/keep', 'Writes the unconfirmed configuration.', async () => await project.keep(), 'kept')
  ending('/configuration/revert', 'Runs the files again.', async () => await project.revert(), 'reverted')
}

/** The hash of each file that changes, by its name. */
const hashesOf = (
  files: Static<typeof Files>,
  versionOf: (change: Static<typeof Files>[string]) => string | null
): Record<string, string | null> =>
  Object.fromEntries(Object.entries(files).map(([file, change]) => [file, versionOf(change)]))

/** @returns problems that prevent it */
async function apply (project: Project, body: Static<typeof ApplyBody>): Promise<readonly Problem[]> {
  const { how, minutes = 5, by } = body
  const files: FileChanges = body.files
  try {
    return how === 'save' ? await project.save(files) : await project.try(files, minutes * MINUTE, by)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
}

async function overview (project: Project, proxyServices: ProxyServices, isTrusted: boolean): Promise<object> {
  const { files, problems, history, unconfirmed, names } = project
  const shown = (problem: Problem): Problem =>
    isTrusted ? problem : { ...problem, message: redactUrl(problem.message) }
  return {
    sources: [...proxyServices].map(({ source: { path, baseDir } }) => ({
      path: path ?? null,
      baseDir,
      isFolder: path === baseDir
    })),
    folders: FOLDERS,
    files: files.files,
    isWritable: await files.isWritable(),
    loadedAt: proxyServices.loadedAt,
    upToDate: proxyServices.upToDate,
    problems: problems.map(shown),
    unconfirmed: unconfirmed ?? null,
    names: isTrusted ? names : null,
    reloads: history.entries.map(entry => ({
      ...entry,
      problems: entry.problems.map(shown),
      hasTexts: isTrusted && history.textsOf(entry.number) !== undefined
    }))
  }
}
