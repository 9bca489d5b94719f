/**
 * One list of fields gives a fixed header's decoder, encoder, sizes and byte spans. Offsets are summed from the list and
 * never typed by hand.
 */
export interface FieldCodec<T> {
  readonly size: number
  read(view: DataView, at: number): T
  write(view: DataView, at: number, value: T): void
}

export const u8: FieldCodec<number> = {
  size: 1,
  read: (view, at) => view.getUint8(at),
  write: (view, at, value) => view.setUint8(at, value),
}

export const u16: FieldCodec<number> = {
  size: 2,
  read: (view, at) => view.getUint16(at),
  write: (view, at, value) => view.setUint16(at, value),
}

export const u32: FieldCodec<number> = {
  size: 4,
  read: (view, at) => view.getUint32(at),
  write: (view, at, value) => view.setUint32(at, value),
}

/** Exactly `size` bytes; a shorter value is padded with zeros when written. */
export const bytes = (size: number): FieldCodec<Uint8Array> => ({
  size,
  read: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, size),
  write: (view, at, value) => {
    const target = new Uint8Array(view.buffer, view.byteOffset + at, size)
    target.fill(0)
    target.set(value.subarray(0, size))
  },
})

type Fields = Readonly<Record<string, FieldCodec<unknown>>>
export type StructValue<F extends Fields> = { readonly [K in keyof F]: F[K] extends FieldCodec<infer T> ? T : never }

export interface Struct<F extends Fields> {
  /** In bytes. */
  readonly size: number
  readonly offsets: { readonly [K in keyof F]: number }
  /** Reads the fields at `at`; the caller has checked that `size` bytes are there. */
  decode(view: DataView, at: number): StructValue<F>
  encode(view: DataView, at: number, value: StructValue<F>): void
}

export function struct<const F extends Fields>(fields: F): Struct<F> {
  const entries = Object.entries(fields)
  const offsets: Record<string, number> = {}
  let size = 0
  for (const [name, codec] of entries) {
    offsets[name] = size
    size += codec.size
  }
  return {
    size,
    offsets: offsets as { readonly [K in keyof F]: number },
    decode(view, at) {
      const value: Record<string, unknown> = {}
      for (const [name, codec] of entries) value[name] = codec.read(view, at + offsets[name]!)
      return value as StructValue<F>
    },
    encode(view, at, value) {
      for (const [name, codec] of entries) codec.write(view, at + offsets[name]!, value[name])
    },
  }
}
