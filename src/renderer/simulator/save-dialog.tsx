import { t } from '#messages/text.ts'
import { Button, Modal, TextInput } from '@mantine/core'
import { useState, type ReactElement } from 'react'

/** Asks for the name under which a scenario is kept. */
export function SaveDialog({
  isOpen,
  onClose,
  onSave,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onSave: (id: string) => void
}): ReactElement {
  const [name, setName] = useState('')
  const id = name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return (
    <Modal opened={isOpen} onClose={onClose} title={t('simulator.save-scenario')} size="sm">
      <TextInput
        label={t('simulator.name-title')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={name !== '' && id === '' ? t('simulator.letters-digits-please') : undefined}
        data-autofocus
      />
      <Button mt="sm" disabled={id === ''} onClick={() => onSave(id)}>
        {t('simulator.save')}
      </Button>
    </Modal>
  )
}
