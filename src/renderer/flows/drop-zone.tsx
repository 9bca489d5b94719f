import { t } from '#messages/text.ts'
import { useEffect, useState, type ReactElement } from 'react'
import { useRoute } from '../route.ts'
import { holdsDump } from '#shared/wire/whole-captures.ts'
import { openFile } from './sources.ts'
import { takeDropped } from '../shell/file-commands.ts'

/** A hexadecimal dump of packets, pasted where nothing is being written, opens as a capture. */
function pasted(event: ClipboardEvent): void {
  const { target } = event
  const text = event.clipboardData?.getData('text') ?? ''
  if (target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]')) return
  if (!holdsDump(text)) return
  event.preventDefault()
  openFile(new File([text], 'pasted dump.txt', { type: 'text/plain' }))
}

/** A capture or a lab file can be dropped anywhere; what the page itself takes is not opened here. */
export function DropZone(): ReactElement | null {
  const [isOver, setOver] = useState(false)
  const { page, item } = useRoute()
  useEffect(() => {
    const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!holdsFiles(event)) return
      setOver(false)
      if (event.defaultPrevented) return
      event.preventDefault()
      for (const file of event.dataTransfer?.files ?? []) takeDropped(file)
    }
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    window.addEventListener('paste', pasted)
    return () => {
      window.removeEventListener('dragover', over)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
      window.removeEventListener('paste', pasted)
    }
  }, [])
  if (!isOver) return null
  return (
    <div className="drop-zone">
      {page === 'files'
        ? t('flows.drop-boot-files-copy-them')
        : page === 'planner'
          ? t('flows.drop-site-file-facts-server')
          : page === 'simulator' && item === 'twin'
            ? t('flows.drop-configuration-files-your-dhcp')
            : t('flows.drop-capture-see-boots-lab')}
    </div>
  )
}
