/** As much of Node's Buffer as the pure code of `lib/xml` needs in a browser. The bundler puts it in its place. */
class BrowserBuffer extends Uint8Array {
  static alloc (size: number): BrowserBuffer {
    return new BrowserBuffer(size)
  }

  static allocUnsafe (size: number): BrowserBuffer {
    return new BrowserBuffer(size)
  }

  static override from (text: unknown): BrowserBuffer {
    return new BrowserBuffer(encoder.encode(String(text)).buffer)
  }

  copy (target: Uint8Array, at = 0, from = 0, to = this.length): number {
    target.set(super.subarray(from, to), at)
    return to - from
  }

  override toString (encoding = 'utf8', from = 0, to = this.length): string {
    const part = super.subarray(from, to)
    if (encoding !== 'latin1') return decoder.decode(part)
    let text = ''
    for (let at = 0; at < part.length; at += CHUNK) text += String.fromCharCode(...part.subarray(at, at + CHUNK))
    return text
  }

  override indexOf (value: number, from = 0): number {
    return super.indexOf(value, from)
  }
}

/** Arguments that a call may have. */
const CHUNK = 8_192
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { fatal: true })

export function isUtf8 (bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

export { BrowserBuffer as Buffer }
