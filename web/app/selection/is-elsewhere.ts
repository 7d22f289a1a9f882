/** Keys belong to what is being written in, and to the dialog that is open. */
export const isElsewhere = ({ target }: KeyboardEvent): boolean =>
  (target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") != null) ||
  document.querySelector("dialog[open]") != null;
