/**
 * Certificates as a list of EFI signatures (UEFI Specification 2.10, section 32.4.1): the form in which firmware keeps whom it
 * trusts, in `TlsCaCertificate` (section 28.10.1) for HTTPS boot as in `db` for Secure Boot.
 */
import { concatBytes } from './bytes.ts'

/** EFI_CERT_X509_GUID, a5c059a1-94e4-4aa7-87b5-ab155c2bf072, as it lies in memory. */
const x509Type = Uint8Array.of(
  0xa1,
  0x59,
  0xc0,
  0xa5,
  0xe4,
  0x94,
  0xa7,
  0x4a,
  0x87,
  0xb5,
  0xab,
  0x15,
  0x5c,
  0x2b,
  0xf0,
  0x72,
)
const guidBytes = 16
const headerBytes = guidBytes + 12

/**
 * DER certificates, each in a list of its own, since the entries of one list have one size. Their owner is nobody: firmware
 * shows the owner and does not look at it.
 */
export const encodeSignatureLists = (certificates: readonly Uint8Array[]): Uint8Array =>
  concatBytes(
    certificates.map((certificate) => {
      const entryBytes = guidBytes + certificate.length
      const list = new Uint8Array(headerBytes + entryBytes)
      list.set(x509Type)
      const view = new DataView(list.buffer)
      view.setUint32(guidBytes, list.length, true)
      view.setUint32(guidBytes + 8, entryBytes, true)
      list.set(certificate, headerBytes + guidBytes)
      return list
    }),
  )
