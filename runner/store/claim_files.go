package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Holder is the content of a claim's file.
type Holder struct {
	ID    string    `json:"id"` // of the claim, random
	Host  string    `json:"host"`
	Space string    `json:"space"` // where the PID counts: boot and PID namespace
	PID   int       `json:"pid"`
	Start string    `json:"start"` // when the process began, as the system tells it; tells it from a later one with its PID
	Since time.Time `json:"since"`
	Beat  int       `json:"beat"`
}

// Seen is a claim as it was at one moment; the zero value is none.
type Seen struct {
	Number int
	Holder Holder
}

// write writes the holder in place, always as long, since the file may be read at the same moment.
func (c *Claim) write(f *os.File) error {
	raw, err := json.Marshal(c.holder)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%-400s\n", raw), 0)
	return err
}

func claimPath(dir string, number int) string {
	return filepath.Join(dir, claimPrefix+strconv.Itoa(number))
}

// claimNumbers returns the numbers of the claims in a folder, which need not exist, in increasing order.
func claimNumbers(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var numbers []int
	for _, entry := range entries {
		if text, ok := strings.CutPrefix(entry.Name(), claimPrefix); ok {
			if number, err := strconv.Atoi(text); err == nil {
				numbers = append(numbers, number)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// currentClaim returns the claim that counts; its holder is empty while it is being written.
func currentClaim(dir string) (Seen, error) {
	numbers, err := claimNumbers(dir)
	if err != nil || len(numbers) == 0 {
		return Seen{}, err
	}
	number := numbers[len(numbers)-1]
	holder, err := readHolder(claimPath(dir, number))
	if errors.Is(err, fs.ErrNotExist) { // released in between
		return Seen{}, nil
	}
	return Seen{number, holder}, err
}

func readHolder(path string) (Holder, error) {
	var h Holder
	raw, err := os.ReadFile(path)
	if err != nil {
		return h, err
	}
	if json.Unmarshal(raw, &h) != nil {
		return Holder{}, nil // being written
	}
	h.Since = h.Since.UTC()
	return h, nil
}
