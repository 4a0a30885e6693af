/** What can be in one list at a time. */
export interface Linked<T> {
  before: T | undefined
  after: T | undefined
}

/** A list whose items hold its links: adding and removing cost the same however long it is, and no object. */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined
  last: T | undefined
  size = 0

  append (item: T): void {
    item.before = this.last
    item.after = undefined
    if (this.last === undefined) this.first = item
    else this.last.after = item
    this.last = item
    this.size++
  }

  /** The item must be in this list. */
  remove (item: T): void {
    if (item.before === undefined) this.first = item.after
    else item.before.after = item.after
    if (item.after === undefined) this.last = item.before
    else item.after.before = item.before
    item.before = item.after = undefined
    this.size--
  }
}
