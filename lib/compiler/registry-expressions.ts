/** Where an expression reads a registry, and the key that it names. */
const READ = /get-property\(\s*(['"])registry\1\s*,\s*(?:(['"])([^'"]*)\2\s*\))?/g

type Warning = readonly [problem: string, advice: string]

const COMPUTED: Warning = [
  'a computed key of a registry is found only if another part of the configuration names it',
  'write the key as a text: get-property("registry", "gov:…")'
]

/** Returns a warning with advice for each place in which an expression reads what no registry is known to have. */
export function unreadResources (xpath: string, resource: (key: string) => string | undefined): readonly Warning[] {
  return [...xpath.matchAll(READ)].flatMap(([, , , key]): Warning[] => {
    if (key === undefined) return [COMPUTED]
    if (resource(key) !== undefined) return []
    return [
      [
        `no registry has the resource "${key.slice(0, 100)}": the expression is empty`,
        'registries are those of artifact.xml, and of <registry> with a root; or define it as <localEntry key="…">'
      ]
    ]
  })
}
