import { t } from '#messages/text.ts'
import { Button, Group, Modal } from '@mantine/core'
import { useEffect, useState, type ReactElement } from 'react'
import { call } from '../connection.ts'
import { TextEditor } from '../parts/text-editor.tsx'
import { confirm } from '../shell/sheets.ts'
import { attempt } from '../store.ts'
import { writeBootText } from './write-text.ts'

/** A script or a configuration of the boot folder as text. */
export function ScriptEditor({
  name,
  onClose,
  onSaved,
}: {
  readonly name: string
  readonly onClose: () => void
  readonly onSaved: () => void
}): ReactElement | null {
  const [before, setBefore] = useState<string>()
  const [text, setText] = useState('')
  useEffect(() => {
    let isCurrent = true
    void attempt(name, () => call('files.readText', { name })).then((read) => {
      if (!isCurrent) return
      if (!read) return onClose()
      setBefore(read.text)
      setText(read.text)
    })
    return () => {
      isCurrent = false
    }
    // Whoever shows it writes the way out in place.
  }, [name])
  if (before === undefined) return null
  const isChanged = text !== before
  const leave = async (): Promise<void> => {
    const isSure =
      !isChanged ||
      (await confirm({
        title: t('files.leave', { file: name }),
        text: t('files.you-changed-not-saved'),
        action: t('files.leave-2'),
      }))
    if (isSure) onClose()
  }
  const save = (): Promise<unknown> =>
    attempt(name, async () => {
      if (await writeBootText(name, before, text, onSaved)) onClose()
    })
  return (
    <Modal opened onClose={() => void leave()} title={name} size={860}>
      <div className="script-text">
        <TextEditor
          label={t('files.text-of', { file: name })}
          language={/\.ipxe$/i.test(name) ? 'ipxe' : 'plain'}
          value={text}
          onChange={setText}
        />
      </div>
      <Group mt={12}>
        <Button disabled={!isChanged} onClick={() => void save()}>
          {t('files.save')}
        </Button>
        <Button variant="default" onClick={() => void leave()}>
          {t('common.close')}
        </Button>
      </Group>
    </Modal>
  )
}
