import type { ReactElement } from 'react'

const perLine = 16

interface HexViewProps {
  readonly hex: string
  /** The bytes that are marked. */
  readonly from: number | undefined
  readonly length: number | undefined
  /** A byte was chosen. */
  readonly onByte?: (at: number) => void
}

/** Offset, bytes and their text, with the chosen field marked. */
export function HexView({ hex, from = -1, length = 0, onByte }: HexViewProps): ReactElement {
  const bytes = hex.match(/../g) ?? []
  const lines = Array.from({ length: Math.ceil(bytes.length / perLine) }, (_, at) => at * perLine)
  const isOn = (at: number): boolean => at >= from && at < from + length
  return (
    <div className="mono" aria-label="Bytes" style={{ marginTop: 12, overflowX: 'auto' }}>
      {lines.map((start) => {
        const cells = bytes.slice(start, start + perLine)
        return (
          <div key={start} className="hex-line">
            <span style={{ color: 'var(--mantine-color-dimmed)' }}>{start.toString(16).padStart(4, '0')}</span>
            <span>
              {cells.map((byte, at) => (
                <span
                  key={start + at}
                  className="hex-byte"
                  data-on={isOn(start + at) || undefined}
                  onClick={() => onByte?.(start + at)}
                >
                  {byte}
                </span>
              ))}
              {'    '.repeat(perLine - cells.length)}
            </span>
            <span>
              {cells
                .map((byte) => parseInt(byte, 16))
                .map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'))
                .join('')}
            </span>
          </div>
        )
      })}
    </div>
  )
}
