/** How long the browser may take to begin a download, in milliseconds. */
const KEPT_MS = 60_000

/** Offers a file of this page as a download. */
export function downloadFile (name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS)
}
