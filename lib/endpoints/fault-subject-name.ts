import type { BuildContext } from '../contracts/build-context.js'

/**
 * What faults call an endpoint: its name, else an id made up for it, as in the real engines (Synapse:
 * AbstractEndpoint). Clients read them: it is never
 * an address.
 */
export function faultSubjectName (name: string | undefined, { uuid }: Pick<BuildContext, 'uuid'>): () => string {
  let called = name
  return () => {
    called ??= `endpoint_${uuid().replaceAll('-', '')}`
    return called
  }
}
