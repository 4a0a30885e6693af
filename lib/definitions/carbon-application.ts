import { parseXml, normalise, XmlError } from '../xml/element.js'
import { problemAt, type Problem } from './problem.js'

/** One artefact of a Carbon application: the files that say it, beside its `artifact.xml`; or why there are none. */
export interface Artifact { readonly files: readonly string[], readonly problems: readonly Problem[] }

/**
 * What an `artifact.xml` names: `<artifact name version type="synapse/proxy-service"><file>NAME-1.0.0.xml</file></artifact>`, in no
 * namespace (WSO2: CarbonApplication deployers). XML of every type of Synapse is read: what is none of ours is told by what it says.
 */
export function artifactOf (file: string, written: string): Artifact {
  const source = { file, text: normalise(written) }
  const told = (message: string, severity: Problem['severity'], hint?: string, offset = 0): Artifact =>
    ({ files: [], problems: [problemAt({ source, offset, artefact: { category: 'none', name: file } }, message, hint, severity)] })
  try {
    const root = parseXml(source.text)
    const type = root.attribute('type') ?? ''
    const files = root.elements.filter(({ name }) => name === 'file').map(({ text }) => text)
    const strange = files.find(name => /[/\\]|^\.*$/.test(name))
    if (!type.startsWith('synapse/') || files.some(name => /\.(?!xml$)\w+$/.test(name))) return told(`the artefact ${root.attribute('name') ?? ''} is of the type "${type}", and is not read`, 'hint', 'what refers to it is told where it stands', root.offset)
    if (files.length === 0 || strange !== undefined) return told(strange === undefined ? 'the artefact names no <file>' : `"${strange}" is no file beside artifact.xml`, 'error', undefined, root.offset)
    return { files, problems: [] }
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    return told(error.message, 'error', undefined, error.offset)
  }
}
