import { signal } from '@preact/signals'

/** One line at the bottom of the page, for ten seconds, with what undoes it. */
export interface Notice {
  readonly text: string
  readonly undo?: (() => void) | undefined
  readonly isError?: boolean
}

const SHOWN_MS = 10_000

export const notice = signal<Notice | undefined>(undefined)
let timer: ReturnType<typeof setTimeout> | undefined

export function notify (text: string, undo?: () => void, isError = false): void {
  clearTimeout(timer)
  notice.value = { text, undo, isError }
  timer = setTimeout(() => {
    notice.value = undefined
  }, SHOWN_MS)
}

/** Takes the last action back, if that is possible. */
export function undo (): void {
  const { undo: action } = notice.value ?? {}
  notice.value = undefined
  action?.()
}
