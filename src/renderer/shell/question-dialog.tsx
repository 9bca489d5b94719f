import { Button, Group, Modal, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { useSheets } from './sheets.ts'

/** The question that waits for an answer; to close it is to say no. */
export function QuestionDialog(): ReactElement | null {
  const question = useSheets((one) => one.question)
  if (!question) return null
  return (
    <Modal opened onClose={() => question.answer(false)} title={question.title}>
      <Text>{question.text}</Text>
      <Group justify="flex-end" mt={16}>
        <Button variant="default" data-autofocus onClick={() => question.answer(false)}>
          {t('common.cancel')}
        </Button>
        <Button color="red" onClick={() => question.answer(true)}>
          {question.action}
        </Button>
      </Group>
    </Modal>
  )
}
