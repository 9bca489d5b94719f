import { t } from '#messages/text.ts'
import { Button, Group, Modal, Text, Textarea } from '@mantine/core'
import { useState, type ReactElement } from 'react'

interface CommentDialogProps {
  readonly frame: number
  readonly text: string
  readonly onSave: (text: string) => void
  readonly onClose: () => void
}

/** Writes a comment beside a packet. */
export function CommentDialog({ frame, text, onSave, onClose }: CommentDialogProps): ReactElement {
  const [written, setWritten] = useState(text)
  const save = (): void => {
    onSave(written)
    onClose()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      title={t('flows.comment-packet', { frame })}
      size="md"
    >
      <Textarea
        data-autofocus
        aria-label={t('flows.comment-packet', { frame })}
        rows={4}
        value={written}
        onChange={(event) => setWritten(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save()
        }}
      />
      <Text size="xs" c="dimmed" mt={6}>
        {t('flows.stands-pcapng-you-export-wireshark')}
      </Text>
      <Group justify="flex-end" mt="sm">
        <Button variant="default" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button onClick={save}>{t('flows.save-comment')}</Button>
      </Group>
    </Modal>
  )
}
