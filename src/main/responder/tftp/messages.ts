/** What the TFTP service and its transfer workers tell each other. */
import type { IpEndpoint } from '#shared/machines/machine.ts'
import type { TransferEnd } from '#shared/machines/tftp-server/read-transfer.ts'
import type { TftpAgreement } from '#shared/machines/tftp-server/negotiation.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import type { WithinImage } from '../boot-folder.ts'

export interface TransferOrder {
  readonly id: string
  readonly client: IpEndpoint
  /** Where to answer from: our address, and the interface's name where sockets can belong to one. */
  readonly local: {
    readonly address: IpAddress
    readonly device: string | undefined
    /** Number and zone of the interface, for addresses of one link; see `zoneOf`. */
    readonly scope: number | undefined
    readonly zone: string | undefined
    /** 0 for any that is free. */
    readonly port: number
    /** Whether that port is not the transfer's own: its packets come and go through the service, as messages. */
    readonly isShared: boolean
  }
  readonly agreement: TftpAgreement
  readonly file:
    | {
        readonly kind: 'read'
        /** An open descriptor; it stays the sender's to close after the transfer's end. */
        readonly descriptor: number
        readonly size: number
        /** Where in that file it is; undefined where it is all of it. */
        readonly within: WithinImage | undefined
        readonly isNetascii: boolean
        /** What is sent in place of what is in the file. */
        readonly content?: Uint8Array
        /** Whether its content is told to nobody else. */
        readonly isSecret?: boolean
      }
    | {
        readonly kind: 'write'
        /** The folder for uploads, a real path, and the file under it. */
        readonly root: string
        readonly path: string
        readonly maximumBytes: number
        readonly isNetascii: boolean
      }
}

export type ToWorker =
  /** Whether every packet is told to whoever watches. */
  | { readonly type: 'keep'; readonly all: boolean }
  /** What came for a transfer at a port that it shares. */
  | { readonly type: 'packet'; readonly id: string; readonly payload: Uint8Array }
  | { readonly type: 'open'; readonly order: TransferOrder }
  | { readonly type: 'cancel'; readonly id: string; readonly message: string; readonly tellsClient: boolean }

/** A packet of a transfer, or its beginning. */
export interface SeenPacket {
  readonly id: string
  readonly direction: 'in' | 'out'
  /** Milliseconds since 1970. */
  readonly time: number
  readonly localPort: number
  readonly length: number
  /** As much of it as is kept: headers of blocks, the first block in large part, everything else whole. */
  readonly head: Uint8Array
}

export type FromWorker =
  /** To be sent to the client of a transfer from the port that it shares. */
  | { readonly type: 'send'; readonly id: string; readonly payload: Uint8Array }
  /** Packets for whoever watches; of a long run of blocks only some. */
  | { readonly type: 'seen'; readonly packets: readonly SeenPacket[] }
  /** Transfers that moved since the last report: id, bytes, retransmissions. */
  | { readonly type: 'progress'; readonly moved: readonly (readonly [string, number, number])[] }
  | { readonly type: 'answered'; readonly id: string }
  /** `hasBegun` is false where nothing was sent: the client knows of nothing yet. */
  | {
      readonly type: 'ended'
      readonly id: string
      readonly end: TransferEnd
      readonly hasBegun: boolean
      /** Another program has the port that was meant for it. */
      readonly isPortHeld?: boolean
      /** The system is short of something just now: whoever asks again may be served. */
      readonly mayPass?: boolean
      /** The file is there, and its last acknowledgement can be asked for again until `closed`. */
      readonly isDallying?: boolean
    }
  | { readonly type: 'closed'; readonly id: string }
  /** Where to write a byte to wake a worker that waits for packets. */
  | { readonly type: 'ready'; readonly wake: number | undefined }
