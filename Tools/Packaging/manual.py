"""Pages of the manual, one a command, from what the program itself says of its commands."""

import json
import subprocess


def escaped(text):
    """Text as roff takes it: hyphens stay hyphens, and no line starts a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def paragraphs(text):
    """Lines that are indented are shown as they are; the others flow."""
    result, is_literal = [], False
    for line in text.split("\n"):
        literal = line.startswith("  ")
        if literal != is_literal:
            result.append(".EE" if is_literal else ".EX")
            is_literal = literal
        result.append(escaped(line) if line.strip() else ".PP" if not literal else "")
    if is_literal:
        result.append(".EE")
    return "\n".join(result)


def spelled(argument):
    """How an argument is written: `-o, --output <output>`, or `<files> ...`."""
    value = f"<{argument['valueName']}>" if argument.get("valueName") else ""
    if argument["kind"] == "positional":
        return value + (" ..." if argument["isRepeating"] else "")
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument["names"]]
    return ", ".join(names) + (f" {value}" if argument["kind"] == "option" else "")


def synopsis(name, command):
    parts = [name]
    for argument in command.get("arguments", []):
        if argument["kind"] == "positional" and argument["shouldDisplay"]:
            parts.append(spelled(argument))
        elif argument["kind"] == "option" and not argument["isOptional"]:
            parts.append(spelled(argument))
    shown = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    parts.insert(1, "<subcommand>" if shown else "[<options>]")
    return " ".join(parts)


def page(name, command, version):
    lines = [
        f'.TH "{name.upper().replace(" ", "-")}" 1 "" "wsl {version}" "weight-space analysis"',
        ".SH NAME",
        f"{escaped(name.replace(' ', '-'))} \\- {escaped(command.get('abstract', ''))}",
        ".SH SYNOPSIS",
        escaped(synopsis(name, command)),
    ]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", paragraphs(command["discussion"])]
    arguments = [a for a in command.get("arguments", []) if a["shouldDisplay"]]
    section = None
    for argument in arguments:
        heading = argument.get("sectionTitle") or (
            "Arguments" if argument["kind"] == "positional" else "Options"
        )
        if heading != section:
            section = heading
            lines.append(f".SH {escaped(heading.upper())}")
        lines += [".TP", f"\\fB{escaped(spelled(argument))}\\fR"]
        said = [argument.get("abstract", "")]
        if argument.get("allValues"):
            said.append(f"(values: {', '.join(argument['allValues'])})")
        if argument.get("defaultValue") not in (None, ""):
            said.append(f"(default: {argument['defaultValue']})")
        lines.append(escaped(" ".join(part for part in said if part)) or "\\&")
        if argument.get("discussion"):
            lines += [".IP", escaped(argument["discussion"])]
    shown = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    if shown:
        lines.append(".SH SUBCOMMANDS")
        for sub in shown:
            lines += [".TP", f"\\fB{escaped(sub['commandName'])}\\fR", escaped(sub.get("abstract", ""))]
        lines += [
            ".SH SEE ALSO",
            ", ".join(
                f"\\fB{escaped((name + ' ' + sub['commandName']).replace(' ', '-'))}\\fR(1)" for sub in shown
            ),
        ]
    return "\n".join(lines) + "\n"


def write_manual(program, folder):
    """Writes `wsl.1`, `wsl-match.1`, `wsl-zoo-list.1` … into a folder."""
    said = subprocess.run(
        [str(program), "--experimental-dump-help"], check=True, capture_output=True, text=True
    ).stdout
    version = subprocess.run(
        [str(program), "--version"], check=True, capture_output=True, text=True
    ).stdout.split()
    number = next(word for word in version if word[:1].isdigit())
    folder.mkdir(parents=True, exist_ok=True)

    def write(name, command):
        (folder / f"{name.replace(' ', '-')}.1").write_text(page(name, command, number))
        for sub in command.get("subcommands", []):
            if sub["commandName"] != "help":
                write(f"{name} {sub['commandName']}", sub)

    write("wsl", json.loads(said)["command"])
