/**
 * The authorities under which Microsoft signs what firmware starts: which there are, what each signs, and which one takes
 * the place of another. Thumbprints are those of the certificates that Microsoft publishes for the variable db
 * (github.com/microsoft/secureboot_objects, PreSignedObjects/DB); what each signs: Microsoft, KB5062713 and KB5025885.
 */
import { formatHex } from '../bytes.ts'

export const authorityIds = ['windows-2011', 'uefi-2011', 'windows-2023', 'uefi-2023', 'option-rom-2023'] as const
export type AuthorityId = (typeof authorityIds)[number]

export interface Authority {
  /** The common name of its certificate. */
  readonly name: string
  /** SHA-256 of the certificate, in hexadecimal digits. */
  readonly thumbprint: string
  readonly year: 2011 | 2023
  /** What it signs, as the end of a sentence. */
  readonly signs: string
  /** The last day of its certificate. Firmware goes on starting what it signed: what ends is signing. */
  readonly expires: string
  /** Under what the successors are signed. */
  readonly successor?: AuthorityId
}

export const authorities: Readonly<Record<AuthorityId, Authority>> = {
  'windows-2011': {
    name: 'Microsoft Windows Production PCA 2011',
    thumbprint: 'e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961',
    year: 2011,
    signs: 'boot programs of Windows',
    expires: '2026-10-19',
    successor: 'windows-2023',
  },
  'uefi-2011': {
    name: 'Microsoft Corporation UEFI CA 2011',
    thumbprint: '48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507',
    year: 2011,
    signs: 'programs of others, such as shim',
    expires: '2026-06-27',
    successor: 'uefi-2023',
  },
  'windows-2023': {
    name: 'Windows UEFI CA 2023',
    thumbprint: '076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330',
    year: 2023,
    signs: 'boot programs of Windows',
    expires: '2035-06-13',
  },
  'uefi-2023': {
    name: 'Microsoft UEFI CA 2023',
    thumbprint: 'f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901',
    year: 2023,
    signs: 'programs of others, such as shim',
    expires: '2038-06-13',
  },
  'option-rom-2023': {
    name: 'Microsoft Option ROM UEFI CA 2023',
    thumbprint: 'e5be3e64c6e66a281457ecdece0d6d0787577aad2a3a0144262c10c14ba8d8f1',
    year: 2023,
    signs: 'programs of network cards and other cards',
    expires: '2038-10-26',
  },
}

/** The authority whose certificate has this thumbprint. */
export const authorityOfThumbprint = (thumbprint: Uint8Array): AuthorityId | undefined => {
  const text = formatHex(thumbprint)
  return authorityIds.find((id) => authorities[id].thumbprint === text)
}

/** The authority that calls itself so, which proves nothing. */
export const authorityNamed = (name: string): AuthorityId | undefined =>
  authorityIds.find((id) => authorities[id].name === name)
