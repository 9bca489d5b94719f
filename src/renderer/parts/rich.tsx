import { Fragment, type ReactElement, type ReactNode } from 'react'
import { isMessage, type Message, type Value } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'

/** Stands for `<` in what goes into a message: a host name is no tag, whatever it looks like. */
const sign = '\uE000'
const shielded = (value: Value): Value => {
  if (typeof value === 'string') return value.replaceAll('<', sign)
  if (Array.isArray(value)) return value.map((one: string | Message) => shielded(one) as string | Message)
  return isMessage(value) ? shieldedMessage(value) : value
}
const shieldedMessage = (message: Message): Message =>
  message.values === undefined
    ? message
    : {
        ...message,
        values: Object.fromEntries(Object.entries(message.values).map(([name, value]) => [name, shielded(value)])),
      }

/** A message of which parts stand between tags, `Open <link>the guide</link>.`: each tag is drawn by its function. */
export function Rich({
  message,
  tags,
}: {
  readonly message: Message
  readonly tags: Readonly<Record<string, (inside: string) => ReactNode>>
}): ReactElement {
  const parts = textOf(shieldedMessage(message)).split(/<([a-z][a-z\d-]*)>(.*?)<\/\1>/s)
  // Text, then a name and what is inside, and text again.
  return (
    <>
      {parts.map((part, index) => {
        const text = part.replaceAll(sign, '<')
        if (index % 3 === 1) return null
        const name = index % 3 === 2 ? parts[index - 1]! : ''
        // oxlint-disable-next-line react/no-array-index-key -- the parts of one sentence have no other
        return <Fragment key={index}>{tags[name]?.(text) ?? text}</Fragment>
      })}
    </>
  )
}
