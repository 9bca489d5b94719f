import { t } from '#messages/text.ts'
import { Progress, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { tellBytes } from '#shared/contract/amounts.ts'
import type { FileProgress } from '#shared/contract/calls.ts'

const colours: Readonly<Record<FileProgress['state'], string>> = {
  loading: 'var(--lab-tftp)',
  done: 'var(--lab-good)',
  failed: 'var(--lab-bad)',
  refused: 'var(--lab-wait)',
}

/** One file on its way: a bar, how far, how fast, and how it ended. */
export function FileProgressRow({ file }: { readonly file: FileProgress }): ReactElement {
  const share = file.state === 'done' ? 100 : file.size ? (file.bytes / file.size) * 100 : 0
  const amount =
    file.size === null
      ? tellBytes(file.bytes)
      : t('parts.bytes-of', { read: tellBytes(file.bytes), size: tellBytes(file.size) })
  const rate = file.rate > 0 ? `${tellBytes(file.rate)}/s` : ''
  const words =
    file.state === 'refused'
      ? t('parts.not-served', { reason: file.detail })
      : [
          amount,
          rate,
          file.detail,
          file.retransmissions > 0 ? t('parts.repeated', { count: file.retransmissions }) : '',
        ]
          .filter(Boolean)
          .join(' · ')
  return (
    <div className="entry">
      <div className="file-line">
        <span className="mono file-path">{file.file}</span>
        <Text span size="xs" c={file.state === 'failed' ? 'var(--lab-bad)' : 'dimmed'} className="no-wrap">
          {words}
        </Text>
      </div>
      {file.state !== 'refused' && (
        <Progress
          value={share}
          size={6}
          mt={4}
          color={colours[file.state]}
          aria-label={t('parts.percent', { file: file.file, percent: Math.round(share), state: file.state })}
        />
      )}
    </div>
  )
}
