/** Whether keys go into a field, so that single letters are no commands there. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))

/** Whether there is a text being written that has an undo of its own: a switch, a list of choices and a button have none. */
export const isWriting = (target: EventTarget | null): boolean =>
  isTyping(target) &&
  !(target instanceof HTMLSelectElement) &&
  !(target instanceof HTMLInputElement && (target.readOnly || /^(checkbox|radio|button|range|file)$/.test(target.type)))
