// Package preflight looks before hours are spent: at the machine and the program, and at everything that a suite needs.
package preflight

import (
	"fmt"

	"github.com/dustin/go-humanize"
)

// Level grades a finding.
type Level string

// The levels of findings.
const (
	OK      Level = "ok"
	Absent  Level = "-" // not there, and not needed
	Warning Level = "warning"
	Problem Level = "problem" // something needed is broken
)

// Finding is what a check found.
type Finding struct {
	Level Level  `json:"level"`
	Topic string `json:"topic"` // "memory", "backend go"
	Text  string `json:"text"`  // one line
	Do    string `json:"do,omitempty"`
}

func ok(topic, format string, args ...any) Finding {
	return Finding{Level: OK, Topic: topic, Text: fmt.Sprintf(format, args...)}
}

func bad(level Level, topic, do, format string, args ...any) Finding {
	return Finding{level, topic, fmt.Sprintf(format, args...), do}
}

// Count returns the number of findings of a level.
func Count(findings []Finding, level Level) int {
	n := 0
	for _, f := range findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// size prints bytes as a person reads them: "7.8 GiB".
func size[T int64 | uint64](bytes T) string { return humanize.IBytes(uint64(bytes)) }
