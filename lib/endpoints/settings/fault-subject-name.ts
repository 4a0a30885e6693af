import type { BuildContext } from '../../contracts/build-context.js'

/**
 * The name of an endpoint in faults: its configured name, else a generated id, as in the engines. It is never an
 * address, since clients read faults.
 * @see Apache Synapse, AbstractEndpoint
 */
export function faultSubjectName (name: string | undefined, { uuid }: Pick<BuildContext, 'uuid'>): () => string {
  let subjectName = name
  return () => {
    subjectName ??= `endpoint_${uuid().replaceAll('-', '')}`
    return subjectName
  }
}
