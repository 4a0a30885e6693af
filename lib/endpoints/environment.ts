import type { BuildContext } from '../contracts/build-context.js'

/**
 * Replaces `$SYSTEM:NAME` by an environment variable. @throws Error if it is not set
 * @see Apache Synapse, SynapseConfigUtils
 */
export function withEnvironment (text: string, tools: Pick<BuildContext, 'environment'>): string {
  if (!text.startsWith('$SYSTEM')) return text
  const name = text.slice(text.lastIndexOf(':') + 1)
  const value = tools.environment(name)
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`)
  return value.trim()
}
