/** A member of a group, as an algorithm sees it. */
export interface Candidate {
  /** Unique in its group, and the same in every process that runs the same configuration. */
  readonly name: string
  /** A property of the member, else of its group. @throws Error if its value is an expression */
  readonly property: (name: string) => string | undefined
}

/**
 * Yields the indexes of members in order of preference. Lazy: the state of the algorithm moves only as far as the
 * caller reads. A member that is yielded may be suspended or off: the caller then reads the next one. An order may
 * repeat members or leave some out: its group takes each member once.
 * @param load messages in flight by member
 * @param key the id of the session, where the client has sent one
 */
export type MemberOrder = (load: readonly number[], key: string | undefined) => Iterable<number>

/** Makes the member order of a group. @throws Error that states the problem with the properties of a member */
export type Algorithm = (members: readonly Candidate[]) => MemberOrder
