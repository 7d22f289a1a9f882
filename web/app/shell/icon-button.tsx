import type { LucideIcon } from "lucide-react";

interface Props {
  readonly icon: LucideIcon;
  /** The text for screen readers, and the tooltip. */
  readonly name: string;
  /** An addition to the tooltip, such as a key. */
  readonly hint?: string;
  readonly size?: number;
  readonly className?: string;
  /** For a button that stays pressed; undefined for the others. */
  readonly isPressed?: boolean;
  readonly onPress: () => void;
}

/** A button that is a picture only. */
export function IconButton({ icon: Icon, name, hint, size, className, isPressed, onPress }: Props) {
  return (
    <button
      type="button"
      className={className}
      aria-label={name}
      title={hint == null ? name : `${name} (${hint})`}
      aria-pressed={isPressed}
      onClick={onPress}
    >
      <Icon aria-hidden {...(size == null ? {} : { size })} />
    </button>
  );
}
