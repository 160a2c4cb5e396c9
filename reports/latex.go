package reports

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// LaTeX writes the sheets of a document as tables of the packages booktabs, adjustbox and amssymb, to be included in a
// document: caption, rules, best values in bold, notes as a list below. Figures with equal decimals line up, for
// columns of numbers are flush right.
func LaTeX(w io.Writer, d Document) error {
	text := "% In the preamble: \\usepackage{booktabs,adjustbox,amssymb}\n"
	for _, s := range d.Sheets() {
		text += "\n" + s.latex()
	}
	_, err := io.WriteString(w, text)
	return err
}

func (s Sheet) latex() string {
	var b strings.Builder
	title := EscapeLaTeX(s.Title)
	caption := append([]string{strings.TrimSuffix(title, ".") + "."}, escapedLaTeX(s.Caption)...)
	fmt.Fprintf(&b, "\\begin{table}[htbp]\n\\centering\n\\caption[{%s}]{%s}\n", title, wrap(strings.Join(caption, "\n")))
	fmt.Fprintf(&b, "\\medskip\n\\begin{adjustbox}{max width=\\linewidth}\n\\begin{tabular}{%s}\n\\toprule\n",
		s.latexAlignment())
	header := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		header[i] = EscapeLaTeX(c.Header)
	}
	b.WriteString(latexRow(header) + "\\midrule\n")
	for _, row := range s.Rows {
		texts := make([]string, len(row))
		for i, c := range row {
			if texts[i] = EscapeLaTeX(c.Text); c.Bold {
				texts[i] = "\\textbf{" + texts[i] + "}"
			}
		}
		b.WriteString(latexRow(texts))
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n\\end{adjustbox}\n")
	if len(s.Notes) > 0 {
		b.WriteString("\\begin{itemize}\\footnotesize\\setlength{\\itemsep}{0pt}\n")
		for _, n := range escapedLaTeX(s.Notes) {
			b.WriteString("\\item {}" + wrap(n) + "\n")
		}
		b.WriteString("\\end{itemize}\n")
	}
	b.WriteString("\\end{table}\n")
	return b.String()
}

// latexWidth is the most columns of a line of text in the file.
const latexWidth = 120

// wrap breaks lines at spaces, which LaTeX reads as it reads a line's end.
func wrap(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		for {
			at := strings.LastIndexByte(line[:min(latexWidth, len(line))], ' ')
			if len(line) <= latexWidth || at <= 0 {
				break
			}
			lines, line = append(lines, line[:at]), line[at+1:]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (s Sheet) latexAlignment() string {
	align := ""
	for _, c := range s.Columns {
		if c.Number {
			align += "r"
		} else {
			align += "l"
		}
	}
	return align
}

// latexRow ends a row. The braces keep a first cell in brackets from being read as an option of the row before.
func latexRow(cells []string) string { return "{}" + strings.Join(cells, " & ") + " \\\\\n" }

// latexEscapes replace what LaTeX reads as commands, and the symbols of tables that not every font has.
var latexEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`, "_", `\_`,
	"^", `\textasciicircum{}`, "~", `$\sim$`, "<", `$<$`, ">", `$>$`, "|", `\textbar{}`, "`", `\textasciigrave{}`, `"`,
	"''", "±", `$\pm$`, "↓", `$\downarrow$`, "↑", `$\uparrow$`, "→", `$\rightarrow$`, "▲", `$\blacktriangle$`, "▼",
	`$\blacktriangledown$`, "−", `$-$`, "×", `$\times$`, "≤", `$\leq$`, "≥", `$\geq$`, "∞", `$\infty$`, "²", `$^2$`, "χ",
	`$\chi$`, "Δ", `$\Delta$`, "δ", `$\delta$`, "—", "---", "–", "--", "--", "-{}-", "…", `\ldots{}`,
)

// EscapeLaTeX makes plain text safe in a table or a caption of LaTeX. Letters of other scripts stay: they need a font
// that has them.
func EscapeLaTeX(s string) string {
	return negative.ReplaceAllString(latexEscapes.Replace(printable(s)), "$1$$-$$$2")
}

// negative finds the sign of a number, which would print as a hyphen.
var negative = regexp.MustCompile(`(^|[ \[(])-([0-9])`)

func escapedLaTeX(lines []string) []string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = EscapeLaTeX(l)
	}
	return escaped
}
