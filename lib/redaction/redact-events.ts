import { redactEmbedded } from './redact-embedded.js'
import type { Redacted, Redaction } from './redaction.js'

/** The name of a line: `data: `. A line without a colon is a name. */
const DATA = /^data(?:: ?|$)/

/**
 * Hides values in server-sent events: the data of each is one text, whatever its lines.
 * @param isCut whether more would follow
 * @see WHATWG HTML Standard, section 9.2
 */
export function redactEvents (events: string, redaction: Redaction, isCut: boolean): Redacted {
  const written: string[] = []
  const data: string[] = []
  let hidden = 0
  const take = (text: string, prefix: string, isLast: boolean): void => {
    const redacted = redactEmbedded(text, redaction, isLast)
    hidden += redacted.hidden
    written.push(prefix + redacted.text.replaceAll('\n', `\n${prefix}`))
  }
  const endData = (isLast: boolean): void => {
    if (data.length > 0) take(data.splice(0).join('\n'), 'data: ', isLast)
  }
  for (const line of events.split(/\r\n|\n|\r/)) {
    const prefix = DATA.exec(line)?.[0]
    if (prefix !== undefined) {
      data.push(line.slice(prefix.length))
      continue
    }
    // Other lines may be between those of the data of one event.
    if (line === '') endData(false)
    take(line, '', false)
  }
  endData(isCut)
  return { text: written.join('\n'), hidden }
}
