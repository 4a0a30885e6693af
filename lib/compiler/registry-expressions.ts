import type { BuildContext } from '../contracts/build-context.js'
import type { Expression } from '../expression/compiled-expression.js'

/**
 * Warns of each call by which an expression reads what no registry is known to have. Returns the expression.
 * @param resource the text of a resource; undefined: no registry has it
 */
export function warnOfUnreadResources (
  expression: Expression,
  resource: (key: string) => string | undefined,
  warn: BuildContext['warn']
): Expression {
  for (const { name, args } of expression.calls) {
    const [scope, key] = args
    if (name !== 'get-property' || scope !== 'registry' || args.length < 2) continue
    if (key === undefined) {
      const problem = 'a computed key of a registry is found only if another part of the configuration names it'
      warn(problem, 'write the key as a text: get-property("registry", "gov:…")', 'missing-reference')
    } else if (resource(String(key)) === undefined) {
      const problem = `no registry has the resource "${String(key).slice(0, 100)}": the expression is empty`
      const advice =
        'registries are those of artifact.xml, and of <registry> with a root; or define it as <localEntry key="…">'
      warn(problem, advice, 'missing-reference')
    }
  }
  return expression
}
