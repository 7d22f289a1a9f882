/** One instruction: RUN with its text, others with their words or the strings of their JSON form. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
  readonly args: readonly string[];
}

export interface Stage {
  readonly image: string;
  /** Its alias, or its number. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

function argsOf(text: string): readonly string[] {
  const list = /\[.*\]$/.exec(text)?.[0];
  if (list == null) return text.split(/\s+/);
  const before = text.slice(0, -list.length).trim();
  // The exec form of an instruction is JSON.
  return [...(before === "" ? [] : before.split(/\s+/)), ...(JSON.parse(list) as string[])];
}

/** As much of the language as our file uses. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { image: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const args = argsOf(rest.trim());
    if (name === "FROM")
      stages.push({ image: args[0] ?? "", name: args[2] ?? String(stages.length), instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: rest.trim(), args });
  }
  return stages;
}
