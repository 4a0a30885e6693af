import { normalise, parseXml, XmlError } from '../../xml/parse-xml.js'
import { problemAt, type Problem } from '../model/problem.js'

/**
 * One artefact of a Carbon application: the names of its files, beside its `artifact.xml`; empty where it cannot be
 * used.
 */
export interface Artifact {
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
}

type ProblemArguments = Parameters<typeof problemAt> extends [unknown, ...infer Others] ? Others : never

/**
 * Reads an `artifact.xml`: `<artifact name version
 * type="synapse/proxy-service"><file>NAME-1.0.0.xml</file></artifact>`, in no namespace. Artefacts of every type
 * `synapse/…` that consist of XML are read; those of a registry are read by `RegistryFiles`; others are reported as a
 * hint.
 * @see WSO2: CarbonApplication deployers
 */
export function readArtifact (file: string, xml: string): Artifact {
  const source = { file, text: normalise(xml) }
  const artefact = { category: 'none', name: file } as const
  const unusable = (offset: number, ...problem: ProblemArguments): Artifact => ({
    files: [],
    problems: [problemAt({ source, offset, artefact }, ...problem)]
  })
  try {
    const root = parseXml(source.text)
    const [name, type] = [root.attribute('name') ?? '', root.attribute('type') ?? '']
    const files = root.elements.filter(each => each.name === 'file').map(({ text }) => text)
    if (type === 'registry/resource') return { files: [], problems: [] }
    if (!type.startsWith('synapse/') || files.some(each => /\.(?!xml$)\w+$/.test(each))) {
      const message = `the artefact "${name}" of type "${type}" is not read`
      return unusable(root.offset, 'no-effect', message, 'references to it are reported where they are', 'hint')
    }
    const misplaced = files.find(each => /[/\\]|^\.*$/.test(each))
    if (misplaced !== undefined) {
      return unusable(root.offset, 'unreadable-file', `"${misplaced}" is not a file beside artifact.xml`)
    }
    if (files.length === 0) return unusable(root.offset, 'unreadable-file', 'the artefact names no <file>')
    return { files, problems: [] }
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    return unusable(error.offset, 'malformed-xml', error.message)
  }
}
