import { effect } from '@preact/signals'
import { route } from './route.js'

const FRAME_MS = 50
/** A page may have to be loaded first. */
const MAX_FRAMES = 40

/** Puts the focus on the heading of a page that is opened, so that it is read aloud and Tab begins there. */
export function followFocus (): void {
  let shown: string | undefined
  effect(() => {
    const { page, name } = route.value
    const key = `${page}/${name ?? ''}`
    if (shown !== undefined && shown !== key) focusHeading(document.querySelector('main h1'), 0)
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

/** @param before the heading of the page that is left */
function focusHeading (before: Element | null, frame: number): void {
  setTimeout(() => {
    const heading = document.querySelector<HTMLElement>('main h1')
    if (heading !== null && (heading !== before || frame > 2)) heading.focus({ preventScroll: true })
    else if (frame < MAX_FRAMES) focusHeading(before, frame + 1)
  }, FRAME_MS)
}
