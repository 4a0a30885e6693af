import { declaredIn, markedEncoding } from '../../lib/xml/encoding.js'

/**
 * Why a document cannot be published. The text is safe for any client: it names places as the configuration does,
 * never as the server does.
 */
export class UnpublishableWsdl extends Error {}

/** A text, and the place it was found at: what its relative locations start from. */
export interface FoundDocument {
  readonly text: string
  readonly url: URL
  readonly tree: string
}

/** Bytes that one document may have, decoded ones too. */
export const MAX_DOCUMENT = 4 * 1024 * 1024

export const tooLarge = (): UnpublishableWsdl =>
  new UnpublishableWsdl(`it is larger than ${MAX_DOCUMENT / 1024 / 1024} MiB`)

/** @throws UnpublishableWsdl beyond `MAX_DOCUMENT` */
export async function gather (stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > MAX_DOCUMENT) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Decodes by the byte order mark, else by the XML declaration, else as UTF-8.
 * @throws UnpublishableWsdl for other bytes
 * @see XML 1.0, appendix F
 */
export function textOfDocument (bytes: Buffer): string {
  const encoding = markedEncoding(bytes) ?? declaredIn(bytes) ?? 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new UnpublishableWsdl(`its characters are not ${encoding.slice(0, 40)}`)
  }
}
