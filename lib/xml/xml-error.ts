/** A text that is not well-formed XML, with the offset of the error in the text. */
export class XmlError extends SyntaxError {
  readonly offset: number
  constructor (message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}
