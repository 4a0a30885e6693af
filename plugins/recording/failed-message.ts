/** What is known of a message that is over. */
interface EndedMessage {
  readonly attempts: readonly { readonly outcome: 'answered' | 'failed' | 'refused' | 'pending' | undefined }[]
  readonly status?: number | null | undefined
  readonly hasLeft: boolean
  readonly fault?: object | null | undefined
}

/** What counts as failed, for operators. */
export const FAILED = 'a fault, a failed attempt, several attempts, a status of 500 or more, or a client that left'

/** Whether a message counts as failed, by the rules of `FAILED`. */
export const isFailed = ({ attempts, status, hasLeft, fault }: EndedMessage): boolean =>
  fault != null ||
  attempts.length > 1 ||
  attempts.some(({ outcome }) => outcome === 'failed' || outcome === 'refused') ||
  hasLeft ||
  status == null ||
  status >= 500
