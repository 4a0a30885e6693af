/** The text format of Prometheus as samples by name and labels. @throws Error if it is malformed */
export function samplesOf (text: string): Map<string, number> {
  const samples = new Map<string, number>()
  let family: { name: string; type: string } | undefined
  let described = ''
  for (const line of text
    .split('\n')
    .slice(0, -1)
    .filter(each => each !== '')) {
    const help = /^# HELP ([a-z0-9_]+) \S.*$/.exec(line)
    const type = /^# TYPE ([a-z0-9_]+) (counter|gauge|histogram)$/.exec(line)
    const sample = /^([a-z0-9_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[\d.e+-]+|Nan)$/.exec(line)
    if (help !== null) described = help[1]!
    else if (type !== null && type[1] === described) family = { name: type[1]!, type: type[2]! }
    else if (sample === null || family === undefined || !sample[1]!.startsWith(family.name)) {
      throw new Error(`malformed: ${line}`)
    } else if (samples.has(`${sample[1]}${sample[2] ?? ''}`)) throw new Error(`twice: ${line}`)
    else if (family.type === 'counter' && !family.name.endsWith('_total')) {
      throw new Error(`a counter ends in _total: ${line}`)
    } else samples.set(`${sample[1]}${sample[2] ?? ''}`, Number(sample[3]))
  }
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  return samples
}
