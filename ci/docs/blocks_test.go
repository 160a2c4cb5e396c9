package docs

import (
	"fmt"
	"regexp"
	"strings"
)

// block is a fenced code block of a page.
type block struct {
	line     int    // of its opening fence
	language string // "sh", "yaml", …
	text     string // with a line end
}

// blocks returns the fenced code blocks of a Markdown page in order.
func blocks(page string) ([]block, error) {
	var found []block
	var open *block
	for i, line := range strings.Split(page, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case open == nil && isFence && fence == "":
			return nil, fmt.Errorf("line %d: a code block without a language", i+1)
		case open == nil && isFence:
			open = &block{line: i + 1, language: fence}
		case isFence:
			found, open = append(found, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: a code block without an end", open.line)
	}
	return found, nil
}

// file returns the name in a block's first line, a comment such as "# mine.yaml" or "// methods/tail.go", and the
// name's absence as "".
func (b block) file() string {
	first, _, _ := strings.Cut(b.text, "\n")
	if name := regexp.MustCompile(`^(?:#|//) ([\w./-]+\.\w+)$`).FindStringSubmatch(first); name != nil {
		return name[1]
	}
	return ""
}

// matches reports whether an output is the expected one, in which a line "…" stands for any lines, and in every line
// runs of spaces are one space.
func matches(expected, output string) bool {
	var pattern strings.Builder
	pattern.WriteString(`(?s)\A`)
	for line := range strings.Lines(strings.TrimSpace(expected) + "\n") {
		if line = strings.TrimSpace(line); line == "…" {
			pattern.WriteString(`.*?`)
		} else {
			pattern.WriteString(regexp.QuoteMeta(squeeze(line)) + "\n")
		}
	}
	pattern.WriteString(`\z`)
	var lines strings.Builder
	for line := range strings.Lines(strings.TrimSpace(output) + "\n") {
		lines.WriteString(squeeze(line) + "\n")
	}
	return regexp.MustCompile(pattern.String()).MatchString(lines.String())
}

func squeeze(line string) string { return strings.Join(strings.Fields(line), " ") }
