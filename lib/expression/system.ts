/**
 * Returns the system properties of Java for `get-property('system', …)`: those that `-Dname=value` in the options of
 * a Java start (`JAVA_OPTS`) defines, and Java's own for paths and lines. The last definition of a name counts.
 * @param options words as a shell separates them
 */
export function systemProperties (options = ''): (name: string) => string | undefined {
  const defined = new Map<string, string>(OF_JAVA)
  for (const word of options.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []) {
    const [, name, value = ''] = /^-D([^=]+)(?:=([^]*))?$/.exec(word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2')) ?? []
    if (name !== undefined) defined.set(name, value)
  }
  return name => defined.get(name)
}

const OF_JAVA = [['file.separator', '/'], ['path.separator', ':'], ['line.separator', '\n']] as const
