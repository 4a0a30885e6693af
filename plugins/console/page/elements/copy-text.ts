import { notify } from '../state/notice.js'

/** Copies a text, and confirms that. @param done the sentence for the operator */
export async function copyText (text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify(done)
  } catch {
    notify('Not copied: the browser allows it over https or from localhost only.', undefined, true)
  }
}
