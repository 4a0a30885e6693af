/** Entries that a page gets which connects again; where it has missed more, it starts over. */
export const MAX_MISSED = 500

/** The id of an event on the stream: the process, and the last entry of the journal that the page has had by then. */
export const eventId = (boot: string, entry: number): string => `${boot}.${entry}`

/**
 * The entry after which a stream resumes.
 * @param id as a client has sent it
 * @param last the last entry of the journal
 * @returns undefined where not all entries that follow it can be sent
 */
export function resumableEntry (id: string | undefined, boot: string, last: number): number | undefined {
  const [, process, digits] = /^([\w-]{1,64})\.(\d{1,15})$/.exec(id ?? '') ?? []
  const missed = last - Number(digits)
  return process === boot && missed >= 0 && missed <= MAX_MISSED ? Number(digits) : undefined
}
