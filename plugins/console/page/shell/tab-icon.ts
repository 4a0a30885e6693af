/** The worst that an operator has to know, from the harmless up. */
export type WorstState = 'available' | 'out' | 'noMember'

/** Each has an outline of its own, so that no meaning hangs on a colour. */
const SHAPES = {
  available: ['%2323955a', '<circle cx="8" cy="8" r="6"/><path d="m5.4 8.2 1.8 1.8 3.4-3.8"/>'],
  out: ['%23b57b08', '<path d="M8 2 14.4 13.4H1.6ZM8 6.4v3M8 11.4v.1"/>'],
  noMember: ['%23d83c2e', '<path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5ZM6 6l4 4m0-4-4 4"/>']
} as const

/** Draws the icon of the tab. */
export function showTabIcon (state: WorstState): void {
  const [colour, shape] = SHAPES[state]
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (link === null || link.dataset['state'] === state) return
  link.dataset['state'] = state
  link.href =
    'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" ' +
    `stroke="${colour}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">${shape}</svg>`
}
