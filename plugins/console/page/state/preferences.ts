import { signal } from '@preact/signals'

/** What a reader has chosen for this browser. */
const KEYS = { letters: 'proxy-services-letters', announcements: 'proxy-services-announcements' } as const

const flag = (key: string) => signal(localStorage.getItem(key) !== 'off')

/** Whether letters open pages. */
export const hasLetters = flag(KEYS.letters)
/** Whether changes of states are read aloud. */
export const hasAnnouncements = flag(KEYS.announcements)
export const isHelpOpen = signal(false)

/** Keeps a choice. */
export function choose (what: keyof typeof KEYS, isOn: boolean): void {
  const chosen = what === 'letters' ? hasLetters : hasAnnouncements
  chosen.value = isOn
  localStorage.setItem(KEYS[what], isOn ? 'on' : 'off')
}
