import { effect } from '@preact/signals'
import { route } from '../state/route.js'

const FRAME_MS = 50
/** A page may have to be loaded first. */
const MAX_FRAMES = 40

/** Whether an operator types in an element. An editor is in a shadow root: its host stands for it. */
export const isTypedIn = (element: EventTarget | null): boolean =>
  element instanceof HTMLElement && element.matches('input, select, textarea, .source')

/** What a page that is left had. */
interface Before {
  readonly heading: Element | null
  readonly focused: Element | null
}

/**
 * Puts the focus on the heading of a page that is opened, so that it is read aloud and Tab begins there; unless the
 * operator types, or has moved the focus meanwhile.
 */
export function followFocus (): void {
  let shown: string | undefined
  effect(() => {
    const { page, name } = route.value
    const key = `${page}/${name ?? ''}`
    const before = { heading: document.querySelector('main h1'), focused: document.activeElement }
    if (shown !== undefined && shown !== key) focusHeading(before, 0)
    shown = key
  })
}

/** Puts the focus on the heading of what is open when the element that had it is gone: it is never lost. */
export function keepFocus (): void {
  let last: Element | null = null
  addEventListener('focusin', ({ target }) => {
    last = target instanceof Element ? target : null
  })
  const refocus = (): void => {
    if (last === null || last.isConnected || document.activeElement !== document.body) return
    last = null
    document.querySelector<HTMLElement>('.drawer h2, main h1')?.focus({ preventScroll: true })
  }
  new MutationObserver(refocus).observe(document.body, { childList: true, subtree: true })
}

function focusHeading (before: Before, frame: number): void {
  setTimeout(() => {
    if (isTaken(before)) return
    const heading = document.querySelector<HTMLElement>('main h1')
    if (heading !== null && (heading !== before.heading || frame > 2)) heading.focus({ preventScroll: true })
    else if (frame < MAX_FRAMES) focusHeading(before, frame + 1)
  }, FRAME_MS)
}

/** Whether the focus is where the operator has put it, or typed, since a page was left. */
function isTaken ({ focused }: Before): boolean {
  const { activeElement } = document
  return isTypedIn(activeElement) || (activeElement !== focused && activeElement !== document.body)
}
