/** Called when a child process has died at work, or was ended because it took too long. */
export type OnFault = (child: "exiftool" | "picture", fault: "died" | "late") => void;
