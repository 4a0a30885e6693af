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
    this.insertAfter(this.last, item)
  }

  /** Adds an item after `before`, which must be in this list; undefined: as the first. */
  insertAfter (before: T | undefined, item: T): void {
    const after = before === undefined ? this.first : before.after
    item.before = before
    item.after = after
    if (before === undefined) this.first = item
    else before.after = item
    if (after === undefined) this.last = item
    else after.before = item
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
