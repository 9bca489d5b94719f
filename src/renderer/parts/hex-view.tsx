import { t } from '#messages/text.ts'
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

const letterOf = (byte: string): string => {
  const code = parseInt(byte, 16)
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
}

/** Offset, bytes and their text, with the chosen field marked in both. */
export function HexView({ hex, from = -1, length = 0, onByte }: HexViewProps): ReactElement {
  const bytes = hex.match(/../g) ?? []
  const lines = Array.from({ length: Math.ceil(bytes.length / perLine) }, (_, at) => at * perLine)
  const isOn = (at: number): boolean => at >= from && at < from + length
  return (
    <div className="hex-view mono" aria-label={t('parts.bytes')} role="group" tabIndex={0}>
      {lines.map((start) => {
        const cells = bytes.slice(start, start + perLine)
        return (
          <div key={start} className="hex-line">
            <span className="hex-offset">{start.toString(16).padStart(4, '0')}</span>
            <span>
              {cells.map((byte, at) => (
                <span
                  key={start + at}
                  className="hex-byte"
                  data-at={start + at}
                  data-on={isOn(start + at) || undefined}
                  onClick={() => onByte?.(start + at)}
                >
                  {byte}
                </span>
              ))}
              {Array.from({ length: perLine - cells.length }, (_, at) => (
                <span key={at} className="hex-byte" aria-hidden="true">
                  {'  '}
                </span>
              ))}
            </span>
            <span className="hex-text">
              {cells.map((byte, at) => (
                <span
                  key={start + at}
                  className="hex-letter"
                  data-lit={isOn(start + at) || undefined}
                  onClick={() => onByte?.(start + at)}
                >
                  {letterOf(byte)}
                </span>
              ))}
            </span>
          </div>
        )
      })}
    </div>
  )
}
