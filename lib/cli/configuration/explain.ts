import { readFile } from 'node:fs/promises'
import { readDocuments } from '../../../plugins/wsdl/endpoints.js'
import { compile } from '../../compiler/compile.js'
import { load, definitionsOrThrow } from '../../definitions/load.js'
import { resolveMembersOnce } from './resolve-members.js'
import { sampleRequest } from '../../explain/sample-request.js'
import { subjectsOf, type Subject } from '../../explain/subjects.js'
import { describeStep, type TraceStep } from '../../explain/trace-steps.js'
import { trace } from '../../explain/trace.js'
import { redactUrl } from '../../message/redact-url.js'
import type { ProxyService } from '../../pipeline/service.js'
import { UsageError } from '../command-line/usage.js'
import { fileReader } from '../../../plugins/files/read-small-file.js'
import { runtime } from '../../../plugins/gateway/configuration/runtime.js'

export interface ExplainOptions {
  /** Only this proxy or API; `main` for requests that belong to none. Default: all. */
  readonly proxy?: string | undefined
  /** A file with a whole HTTP request, or with a body. Default: an empty SOAP message. */
  readonly request?: string | undefined
  readonly json?: boolean | undefined
  /** Name servers for dynamic groups, `address:port`. Default: those of the system. */
  readonly dnsServers?: readonly string[] | undefined
}

/** What `explain --json` prints for one proxy, or one resource of an API. */
interface ProxyExplanation {
  readonly name: string
  readonly request: string
  readonly reads: ProxyService['reads']
  readonly steps: readonly TraceStep[]
}

/** `explain`: runs a request through proxies as if each endpoint failed, and prints what happens. @returns 0 */
export async function explain (
  path: string,
  { proxy, request, json = false, dnsServers }: ExplainOptions = {}
): Promise<number> {
  const loaded = await load(path)
  const sources = { ...runtime, readFile: fileReader(loaded.baseDir) }
  const documents = await readDocuments(loaded, sources)
  const { watch, found } = resolveMembersOnce(loaded.baseDir, dnsServers)
  const options = { documents, locations: loaded.locations }
  const compiled = compile(definitionsOrThrow(loaded), { ...sources, watchMembers: watch }, options)
  const members = await found()
  const source = request === undefined ? undefined : await readFile(request)
  const explanations = selected(subjectsOf(compiled, source), proxy).map(subject => explanationOf(subject, source))
  if (json) console.log(JSON.stringify({ members, proxies: explanations }, redacted, 2))
  else for (const line of [...members, ...explanations.flatMap(linesOf)]) console.log(redactUrl(line))
  return 0
}

function selected (all: readonly Subject[], name: string | undefined): readonly Subject[] {
  if (name === undefined) return all
  const found = all.filter(each => each.name === name)
  if (found.length > 0) return found
  const known = [...new Set(all.map(each => each.name))].join(', ') || 'none'
  throw new UsageError(`unknown proxy "${name}": known are ${known}`)
}

function explanationOf ({ name, service, target }: Subject, source: Buffer | undefined): ProxyExplanation {
  const request = sampleRequest(service, target, source)
  const { method, path, query } = request
  return {
    name,
    request: `${method} ${target.base + path || '/'}${query}`,
    reads: service.reads,
    steps: trace(service, request, runtime)
  }
}

/** Names and addresses as they may be shown. */
const redacted = (_key: string, value: unknown): unknown => (typeof value === 'string' ? redactUrl(value) : value)

const linesOf = ({ name, request, reads, steps }: ProxyExplanation): string[] => [
  `${name}  ${request}`,
  `  reads ${reads.request} of the request, ${reads.response} of the response`,
  ...steps.map((step, index) => `  ${describeStep(step, steps.slice(0, index))}`)
]
