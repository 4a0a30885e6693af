import { X509Certificate } from 'node:crypto'
import { InvalidTls } from '../errors.js'
import { fileReader } from '../files/read-small-file.js'

/** The files of a certificate chain and its key, PEM. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** The files that a server presents and verifies certificates with. */
export interface ServerCertificateFiles {
  /** The first one is for clients that name no host, or one that no certificate is for. */
  readonly certificates: readonly CertificateFiles[]
  /** The authorities of client certificates, PEM. */
  readonly clientCa?: string | undefined
  /** Client certificates that are revoked: the lists of all these authorities, PEM. */
  readonly clientCrl?: string | undefined
}

/** What the files contain. Holds private keys: never part of a log or a view. */
export interface ServerCertificates {
  readonly certificates: readonly CertificateFiles[]
  readonly clientCa?: string | undefined
  readonly clientCrl?: string | undefined
  /** When the first certificate in each file ends, in milliseconds since 1970. */
  readonly expiry: readonly (readonly [file: string, at: number])[]
}

/** Reads all files at once. Nothing is used yet. @throws InvalidTls naming the file that is missing or malformed */
export function readServerCertificates ({
  certificates,
  clientCa,
  clientCrl
}: ServerCertificateFiles): ServerCertificates {
  const chains = certificates.map(({ cert }) => readPem(cert))
  const authorities = clientCa === undefined ? undefined : readPem(clientCa)
  const expiry = certificates.map(({ cert }, at) => [cert, firstEnd(chains[at]!, cert)] as const)
  return {
    certificates: certificates.map(({ key }, at) => ({ cert: chains[at]!, key: readPem(key) })),
    ...(authorities !== undefined && { clientCa: authorities }),
    ...(clientCrl !== undefined && { clientCrl: readPem(clientCrl) }),
    expiry: authorities === undefined ? expiry : [...expiry, [clientCa!, firstEnd(authorities, clientCa!)]]
  }
}

const fromWorkingDirectory = fileReader('.')

function readPem (file: string): string {
  try {
    return fromWorkingDirectory(file)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new InvalidTls(`${file} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : message}`, {
      cause
    })
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Returns when the first of several certificates ends. @throws InvalidTls naming the file, if it has none */
function firstEnd (pem: string, file: string): number {
  const found = pem.match(CERTIFICATE)
  if (found === null) throw new InvalidTls(`${file} contains no certificate (PEM)`)
  try {
    return Math.min(...found.map(each => Date.parse(new X509Certificate(each).validTo)))
  } catch (cause) {
    throw new InvalidTls(`${file} contains a malformed certificate: ${(cause as Error).message}`, { cause })
  }
}
