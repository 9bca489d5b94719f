import { t } from '#messages/text.ts'
import { Combobox, Text, TextInput, useCombobox } from '@mantine/core'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { flushSync } from 'react-dom'
import type { Completion } from '#shared/trace/filter/filter.ts'
import type { FilterProblem } from '#shared/trace/filter/syntax.ts'
import { isTyping } from '../parts/typing.ts'
import { ask } from './client.ts'
import { rememberFilter } from './preferences.ts'

interface FilterInputProps {
  readonly source: string
  readonly value: string
  readonly onChange: (text: string) => void
  readonly problem: FilterProblem | undefined
}

/** The filter of the packet list, with what may come next. */
export function FilterInput({ source, value, onChange, problem }: FilterInputProps): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  const [completions, setCompletions] = useState<readonly Completion[]>([])
  const asked = useRef(0)
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  const offer = async (text: string, cursor: number, isWanted = text.trim() !== ''): Promise<void> => {
    const turn = ++asked.current
    // Whoever empties the filter wants to see the packets; the arrow key brings every field.
    if (!isWanted) {
      combobox.closeDropdown()
      return
    }
    const found = await ask('complete', source, text, cursor)
    // Somebody who types faster than this answers is not offered what was before.
    if (turn !== asked.current) return
    setCompletions(found)
    if (found.length > 0) combobox.openDropdown()
    else combobox.closeDropdown()
  }
  const take = (text: string): void => {
    const chosen = completions.find((one) => one.text === text)
    if (!chosen) return
    // What was typed since it was offered belongs to the same word.
    const end = Math.max(chosen.to, input.current?.selectionStart ?? 0)
    const next = `${value.slice(0, chosen.from)}${chosen.text} ${value.slice(end).trimStart()}`
    // What is typed next must not find the text before.
    flushSync(() => onChange(next))
    const cursor = chosen.from + chosen.text.length + 1
    input.current?.setSelectionRange(cursor, cursor)
    setCompletions([])
    combobox.closeDropdown()
    void offer(next, cursor)
  }
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== '/' || isTyping(event.target)) return
      event.preventDefault()
      input.current?.focus()
    }
    window.addEventListener('keydown', focus)
    return () => window.removeEventListener('keydown', focus)
  }, [])
  return (
    <Combobox store={combobox} onOptionSubmit={take} width={420} position="top-start" shadow="sm">
      <Combobox.Target targetType="input" withAriaAttributes>
        <TextInput
          ref={input}
          size="xs"
          className="filter-input"
          aria-label={t('flows.filter-packets')}
          placeholder={t('flows.udp-port-4011-dhcp-type')}
          value={value}
          error={problem === undefined ? undefined : `${problem.message}. ${problem.remedy}`}
          onChange={(event) => {
            const { value: text, selectionStart } = event.currentTarget
            onChange(text)
            void offer(text, selectionStart ?? text.length)
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') combobox.closeDropdown()
            if (event.key === 'ArrowDown' && !combobox.dropdownOpened)
              void offer(value, event.currentTarget.selectionStart ?? value.length, true)
            if (event.key === 'Enter' && problem === undefined) rememberFilter(value)
            if (event.key === 'Tab' && combobox.dropdownOpened && completions[0]) {
              event.preventDefault()
              take(completions[0].text)
            }
          }}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={260} className="menu-scrolls">
          {completions.map((one) => (
            <Combobox.Option key={one.text} value={one.text}>
              <span className="mono">{one.text}</span>{' '}
              <Text span size="xs" c="dimmed">
                {one.description}
              </Text>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
